"""From evidence to the page that a lecturer reads: see page.render and page.write."""
