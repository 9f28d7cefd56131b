"""What an HTML page holds, as a browser's parser sees it."""

from html.parser import HTMLParser


class Elements(HTMLParser):
    """Names of the elements, and all their attributes, of an HTML text."""

    def __init__(self, text):
        super().__init__()
        self.names, self.attributes = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += attrs

    def values(self, attribute):
        """Every value that the attribute has anywhere."""
        return {value for name, value in self.attributes if name == attribute}
