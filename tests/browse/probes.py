"""Pages that try to get out: each names the requests that say it did. `@` stands for the listener's address."""

from __future__ import annotations

from dataclasses import dataclass

FILL = "position:fixed;inset:0;display:block;width:100%;height:100%;background:#eee"


@dataclass(frozen=True)
class Probe:
    """A page, what the listener hears where nothing holds it, and whether it must be clicked."""

    name: str
    html: str
    heard: frozenset[str]
    click: bool = False


def passive(name: str, html: str, *heard: str) -> Probe:
    return Probe(name, html, frozenset(heard or (name,)))


def clicked(name: str, html: str, *heard: str) -> Probe:
    return Probe(name, html, frozenset(heard or (name,)), click=True)


#: What a page loads, or runs, without anybody doing anything.
LOADS = {
    "script-src": "<script src=@/script-src></script>",
    "inline-script": "<script>fetch('@/inline-script', {mode: 'no-cors'})</script>",
    "beacon": "<script>navigator.sendBeacon('@/beacon')</script>",
    "module": "<script type=module src=@/module></script>",
    "onerror": "<img src=data:x onerror=\"new Image().src='@/onerror'\">",
    "svg-onload": "<svg onload=\"new Image().src='@/svg-onload'\"></svg>",
    "svg-script": "<svg><script>new Image().src='@/svg-script'</script></svg>",
    "svg-image": "<svg width=9 height=9><image href=@/svg-image width=9 height=9 /></svg>",
    "img": "<img src=@/img>",
    "srcset": "<img srcset='@/srcset 1x'>",
    "picture": "<picture><source srcset=@/picture><img></picture>",
    "stylesheet.css": "<link rel=stylesheet href=@/stylesheet.css>",
    "import.css": "<style>@import url(@/import.css);</style>",
    "background": "<div style='width:9px;height:9px;background:url(@/background)'>x</div>",
    "font": "<style>@font-face{font-family:f;src:url(@/font)}</style><p style='font-family:f'>text</p>",
    "cursor": "<style>body{cursor:url(@/cursor),auto;list-style:url(@/list)}</style><li>x",
    "body-background": "<table background=@/body-background><tr><td>x</table>",
    "iframe.html": "<iframe src=@/iframe.html></iframe>",
    "srcdoc": "<iframe srcdoc='<img src=@/srcdoc>'></iframe>",
    "data-frame": "<iframe src=\"data:text/html,<img src='@/data-frame'>\"></iframe>",
    "javascript-frame": "<iframe src=\"javascript:void(new Image().src='@/javascript-frame')\"></iframe>",
    "object": "<object data=@/object.html></object>",
    "embed": "<embed src=@/embed.html>",
    "video": "<video src=@/video preload=auto></video>",
    "poster": "<video poster=@/poster></video>",
    "audio": "<audio src=@/audio preload=auto></audio>",
    "source": "<video preload=auto><source src=@/source></video>",
    "input-image": "<input type=image src=@/input-image>",
    "preload": "<link rel=preload as=image href=@/preload>",
    "prefetch": "<link rel=prefetch href=@/prefetch>",
    "modulepreload": "<link rel=modulepreload href=@/modulepreload>",
}
_NAMES = {"object": "object.html", "embed": "embed.html"}
_RUN = {
    "refresh": "<meta http-equiv=refresh content='0; url=@/refresh'>",
    "refresh-upper": "<META HTTP-EQUIV='Refresh' CONTENT='0;URL=@/refresh-upper'>",
    "base-img": "<base href=@/><img src=base-img>",
    "location": "<script>location = '@/location'</script>",
    "top-location": "<script>top.location = '@/top-location'</script>",
    "auto-form": "<form action=@/auto-form method=post></form><script>document.forms[0].submit()</script>",
    "open": "<script>window.open('@/open')</script>",
    "websocket": "<script>new WebSocket('@/websocket'.replace('http', 'ws'))</script>",
    "worker": (
        "<script>new Worker(URL.createObjectURL(new Blob([\"fetch('@/worker', {mode: 'no-cors'})\"])))</script>"
    ),
}
_CLICKED = {
    "link": f"<a href=@/link style='{FILL}'>x</a>",
    "link-blank": f"<a href=@/link-blank target=_blank style='{FILL}'>x</a>",
    "link-top": f"<a href=@/link-top target=_top style='{FILL}'>x</a>",
    "link-parent": f"<a href=@/link-parent target=_parent style='{FILL}'>x</a>",
    "link-named": f"<a href=@/link-named target=other style='{FILL}'>x</a>",
    "link-download": f"<a href=@/link-download download style='{FILL}'>x</a>",
    "link-ping": f"<a href='#here' ping=@/link-ping style='{FILL}'>x</a>",
    "base-link": f"<base href=@/ target=_top><a href=base-link style='{FILL}'>x</a>",
    "form-button": f"<form action=@/form-button><button style='{FILL}'>x</button></form>",
    "formaction": f"<form><button formaction=@/formaction formtarget=_blank style='{FILL}'>x</button></form>",
    "area": f"<img src=data: usemap='#m' style='{FILL}'><map name=m><area shape=default href=@/area></map>",
    "svg-link": f"<svg style='{FILL}'><a href=@/svg-link><rect width='100%' height='100%' fill='#eee' /></a></svg>",
    "onclick": f"<p onclick=\"new Image().src='@/onclick'\" style='{FILL}'>x</p>",
    "javascript-link": f"<a href=\"javascript:void(new Image().src='@/javascript-link')\" style='{FILL}'>x</a>",
}

PROBES = (
    Probe("loads", "<!doctype html>" + "".join(LOADS.values()), frozenset(_NAMES.get(n, n) for n in LOADS) | {"list"}),
    *(passive(name, html) for name, html in _RUN.items()),
    *(clicked(name, html) for name, html in _CLICKED.items()),
)
