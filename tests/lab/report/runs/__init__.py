"""What a run is: where its numbers come from, and how it is read, compared and merged with others."""
