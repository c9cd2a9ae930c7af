"""Makes the model that ships: `python training/make_model.py`. Public sets come from MOOTHALL_PUBLIC_DATA, if set.

MOOTHALL_KEPT: a folder in which the network is kept after the public sets, to go on from there the next time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from moothall.signals.encoder import SHIPPED
from moothall.signals.training import train


def main() -> None:
    """Train on the label files beside this script and write the model into the package (or to the folder named)."""
    public = os.environ.get("MOOTHALL_PUBLIC_DATA")
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED
    learned = train(
        Path(__file__).parent,
        out,
        Path(public) if public else None,
        kept=Path(kept) if (kept := os.environ.get("MOOTHALL_KEPT")) else None,
        told=lambda line: print(line, file=sys.stderr),
    )
    print(f"{learned.council_comments} council comments, {learned.public_texts} public texts -> {out}")


if __name__ == "__main__":
    main()
