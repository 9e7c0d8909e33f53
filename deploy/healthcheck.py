"""Exit 0 when the server in this container can answer, 1 when it cannot: the container's health check."""

import os
import sys
import urllib.error
import urllib.request

_SECONDS = 3


def main() -> int:
    """Ask /ready on the port of this container. Served from an older release (stale) or edition (degraded) is healthy."""
    prefix = os.environ.get("ICDREF_URL_PREFIX", "")
    url = f"http://127.0.0.1:{os.environ.get('ICDREF_PORT', '8080')}{prefix}/ready"
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            sys.stdout.write(answer.read().decode() + "\n")
    except (urllib.error.URLError, OSError) as error:
        sys.stdout.write(f"{url}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
