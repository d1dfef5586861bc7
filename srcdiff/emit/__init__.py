"""IR to Python text that reads like the author's."""
