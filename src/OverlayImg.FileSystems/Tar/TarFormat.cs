namespace OverlayImg.FileSystems.Tar;

/// <summary>Whose headers are written.</summary>
public enum TarFormat
{
    /// <summary>GNU tar's default format; entries with extended attributes, which it can't carry, as POSIX entries.</summary>
    Gnu,

    /// <summary>What Python's <c>tarfile</c> writes by default since 3.8, in the version of Python 3.11: ustar headers, and records before them for what
    /// does not fit or is not ASCII.</summary>
    Python,
}

/// <summary>What the names in an archive begin with.</summary>
public enum TarNames
{
    /// <summary><c>./a</c>; the root is <c>./</c>.</summary>
    Dotted,

    /// <summary><c>a</c>, as <c>--xform s:'^./'::</c> makes them; the root's own name is <c>./</c> all the same.</summary>
    Plain,

    /// <summary><c>/a</c>.</summary>
    Absolute,
}
