"""The HTTP library, named in one place, so that its continuation (httpx2 with httpcore2) could take its place.

Only `wire` and `client` import it, from here. What they use of it beyond its documentation is one attribute, which a
self-test tries at each start.
"""

import httpcore
import httpx

__all__ = ["httpcore", "httpx"]
