"""Names of character encodings, as the web uses them (WHATWG Encoding Standard, section 4.2).

The web's labels mean other things than Python's: `iso-8859-1` and `ascii` are windows-1252, `gb2312` is GB 18030,
`shift_jis` is windows-31j. Encodings that the standard leaves out (UTF-7, EBCDIC, ...) are unknown here too.
"""

from __future__ import annotations

import codecs

#: Name in the standard -> the Python codec that decodes it.
CODECS = {
    "utf-8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32le": "utf-32-le",  # not of the standard: seen in text files, never declared by pages
    "utf-32be": "utf-32-be",
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "windows-1255": "cp1255",
    "windows-1256": "cp1256",
    "windows-1257": "cp1257",
    "windows-1258": "cp1258",
    "windows-874": "cp874",
    "iso-8859-2": "iso8859-2",
    "iso-8859-3": "iso8859-3",
    "iso-8859-4": "iso8859-4",
    "iso-8859-5": "iso8859-5",
    "iso-8859-6": "iso8859-6",
    "iso-8859-7": "iso8859-7",
    "iso-8859-8": "iso8859-8",
    "iso-8859-10": "iso8859-10",
    "iso-8859-13": "iso8859-13",
    "iso-8859-14": "iso8859-14",
    "iso-8859-15": "iso8859-15",
    "iso-8859-16": "iso8859-16",
    "ibm866": "cp866",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
}

#: Labels that Python does not know, or understands otherwise than the web.
_LABELS = {
    "utf-8": ("unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"),
    "utf-16le": ("utf-16", "utf16", "ucs-2", "unicode", "csunicode", "iso-10646-ucs-2", "unicodefeff"),
    "utf-16be": ("unicodefffe",),
    "windows-1252": (
        "ascii",
        "us-ascii",
        "ansi_x3.4-1968",
        "iso-8859-1",
        "latin1",
        "latin-1",
        "l1",
        "x-cp1252",
        "ansi",
    ),
    "windows-1250": ("x-cp1250",),
    "windows-1251": ("x-cp1251",),
    "windows-1253": ("x-cp1253",),
    "windows-1254": ("iso-8859-9", "latin5", "l5", "x-cp1254"),
    "windows-1255": ("x-cp1255",),
    "windows-1256": ("x-cp1256",),
    "windows-1257": ("x-cp1257",),
    "windows-1258": ("x-cp1258",),
    "windows-874": ("iso-8859-11", "tis-620", "dos-874"),
    "iso-8859-6": ("iso-8859-6-e", "iso-8859-6-i"),
    "iso-8859-8": ("iso-8859-8-e", "iso-8859-8-i", "visual", "logical"),
    "koi8-r": ("koi", "koi8", "koi8_r"),
    "koi8-u": ("koi8-ru",),
    "macintosh": ("mac", "x-mac-roman", "macintosh"),
    "x-mac-cyrillic": ("x-mac-ukrainian",),
    "gb18030": ("gb2312", "gb_2312", "gb_2312-80", "gbk", "x-gbk", "chinese", "csgb2312", "iso-ir-58"),
    "big5": ("cn-big5", "x-x-big5", "big5-hkscs", "csbig5"),
    "euc-jp": ("x-euc-jp",),
    "shift_jis": ("sjis", "x-sjis", "shift-jis", "ms_kanji", "ms932", "windows-31j", "csshiftjis"),
    "euc-kr": ("ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "ksc_5601", "korean", "windows-949", "euckr"),
}


def _codec_name(label: str) -> str | None:
    try:
        return codecs.lookup(label).name
    except (LookupError, ValueError):  # ValueError: a NUL in the label
        return None


_NAMES = (
    {_codec_name(codec): name for name, codec in CODECS.items()}
    | dict.fromkeys(("iso8859-1", "ascii"), "windows-1252")
    | {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "shift_jis", "euc_kr": "euc-kr", "big5": "big5"}
    | {"iso8859-9": "windows-1254", "iso8859-11": "windows-874", "utf-16": "utf-16le"}
)
_BY_LABEL = {label: name for name, labels in _LABELS.items() for label in labels} | {name: name for name in CODECS}


def encoding_of(label: str | None) -> str | None:
    """The encoding a label stands for, by its name in the standard (a key of `CODECS`); None where unknown.

    Labels beyond ASCII are unknown; case and white space around do not count.
    """
    if not label or not label.isascii():
        return None
    folded = label.strip(" \t\r\n\f\"'").lower()
    return _BY_LABEL.get(folded) or _NAMES.get(_codec_name(folded))
