"""What an HTML page holds, as a browser's parser sees it."""

import re
from html import unescape
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


def told(text, language="en"):
    """What a page says in one language, white space evened out."""
    other = {"en": " lang=zh", "zh": ""}[language]
    text = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    within_words = rf"<i{other}>.*?</i>|</?(?:a|b|cite|code|dfn|em|i|q|small|span|var|wbr)\b[^>]*>"
    text = re.sub(within_words, "", text, flags=re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]*>", " ", text)).split())
