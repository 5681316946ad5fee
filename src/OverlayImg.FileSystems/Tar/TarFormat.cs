namespace OverlayImg.FileSystems.Tar;

/// <summary>The program whose header format is written.</summary>
public enum TarFormat
{
    /// <summary>GNU tar's default format. Entries with extended attributes, which the format lacks, become PAX entries.</summary>
    Gnu,

    /// <summary>The default format of Python's <c>tarfile</c> since 3.8, as Python 3.11 writes it: ustar headers, and PAX records for what does
    /// not fit or is not ASCII.</summary>
    Python,
}

/// <summary>The start of all names in an archive.</summary>
public enum TarNames
{
    /// <summary><c>./a</c>; the root is <c>./</c>.</summary>
    Dotted,

    /// <summary><c>a</c>, as with GNU tar's option <c>--xform s:'^./'::</c>. The root is still <c>./</c>.</summary>
    Plain,

    /// <summary><c>/a</c>; the root is <c>./</c>.</summary>
    Absolute,
}
