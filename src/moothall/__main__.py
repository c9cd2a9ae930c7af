"""``python -m moothall`` is ``moothall``."""

import sys

from moothall.cli import main

if __name__ == "__main__":
    sys.exit(main())
