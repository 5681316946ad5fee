namespace OverlayImg.FileSystems;

/// <summary>The file types of Linux.</summary>
public enum FileType
{
    /// <summary>A regular file (<c>S_IFREG</c>).</summary>
    RegularFile,

    /// <summary>A directory (<c>S_IFDIR</c>).</summary>
    Directory,

    /// <summary>A symbolic link (<c>S_IFLNK</c>).</summary>
    SymbolicLink,

    /// <summary>A character device (<c>S_IFCHR</c>).</summary>
    CharacterDevice,

    /// <summary>A block device (<c>S_IFBLK</c>).</summary>
    BlockDevice,

    /// <summary>A named pipe (<c>S_IFIFO</c>).</summary>
    Fifo,

    /// <summary>A Unix domain socket (<c>S_IFSOCK</c>).</summary>
    Socket,
}
