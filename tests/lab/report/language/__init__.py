"""English and Chinese: words, sentences and numbers, and the catalogues that translate them."""
