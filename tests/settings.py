"""The product's settings under what a test needs: a key, plain HTTP, a database file of its own."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault(
    "MOOTHALL_SECRET_KEY", "a key for tests alone, of more than fifty characters, and no secret at all"
)
os.environ.setdefault("MOOTHALL_HTTPS", "false")
if "MOOTHALL_DATA" not in os.environ:
    # A file, not memory: other processes and threads take part in tests.
    os.environ["MOOTHALL_DATA"] = tempfile.mkdtemp(prefix="moothall-test-")
    atexit.register(shutil.rmtree, os.environ["MOOTHALL_DATA"], ignore_errors=True)

from moothall.project.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
