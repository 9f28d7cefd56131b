"""What a file from outside is, looked at before it is read: a fifo is waited for, and a huge file fills the memory."""

import os
import stat

NO_FILES = {
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


def unfit(path, most):
    """Why `path` isn't a file of at most `most` bytes, such as "is a fifo, not a file"; "" where it is one.

    Links are followed. Raises OSError where there is nothing, or nothing that may be looked at.
    """
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        return f"is a {NO_FILES.get(stat.S_IFMT(found.st_mode), 'special file')}, not a file"
    return f"holds {found.st_size:,} bytes, more than {most:,}" if found.st_size > most else ""
