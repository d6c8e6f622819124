"""HTML elements by what they mean for text."""

from __future__ import annotations

# fmt: off
#: Their edges part one block of text from the next (HTML standard, 15.3, and what pages use so).
BLOCK_TAGS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "p", "pre", "search", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})
#: What a reader never sees as text.
SILENT_TAGS = frozenset({
    "area", "audio", "canvas", "datalist", "embed", "head", "iframe", "img", "link", "map", "math", "meta", "noembed",
    "noframes", "object", "param", "picture", "rp", "rt", "script", "source", "style", "svg", "template", "title",
    "track", "video",
})
PICTURES = frozenset({"audio", "img", "picture", "video"})
#: What is for use, not for reading: one block each, never descended into.
FURNITURE_TAGS = frozenset({"nav", "button", "select", "textarea", "footer", "menu", "dialog", "noscript"})
FURNITURE_ROLES = frozenset({
    "navigation", "menu", "menubar", "dialog", "alertdialog", "contentinfo", "search", "button", "tablist",
})
#: Elements whose being around a text tells something.
AROUND = (
    "article", "main", "aside", "header", "footer", "form", "figure", "table", "ul", "ol", "blockquote", "section",
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
STRONG = frozenset({"b", "strong", "em", "i"})
#: Without an end, or with one that the next of their kind implies: they do not nest.
SELF_ENDING = frozenset({
    "area", "base", "br", "circle", "col", "dd", "dt", "embed", "g", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "param", "path", "rect", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "use",
    "wbr",
})
# fmt: on
