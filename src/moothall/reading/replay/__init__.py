"""Try a change of the rules first: hold an archive against the old rules and the new, and report what would change."""

from moothall.reading.replay.archive import Archive, ArchiveFile, LiveArchive
from moothall.reading.replay.run import Options, replay
from moothall.reading.replay.summary import Replayed

__all__ = ["Archive", "ArchiveFile", "LiveArchive", "Options", "Replayed", "replay"]
