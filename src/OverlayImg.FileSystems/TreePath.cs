namespace OverlayImg.FileSystems;

/// <summary>Functions for paths inside a tree: names joined by single slashes, without a leading slash. The empty path is the root.</summary>
public static class TreePath
{
    /// <summary>Longest path in bytes that readers accept from an archive: Linux's PATH_MAX of 4096 without the NUL.</summary>
    public const int MaximumLength = 4095;

    /// <summary>The path of <paramref name="name"/> in <paramref name="directory"/>. Either may be empty.</summary>
    public static ByteString Join(ByteString directory, ByteString name)
    {
        if (directory.IsEmpty) return name;
        if (name.IsEmpty) return directory;
        var joined = new byte[directory.Length + 1 + name.Length];
        directory.Span.CopyTo(joined);
        joined[directory.Length] = (byte)'/';
        name.Span.CopyTo(joined.AsSpan(directory.Length + 1));
        return new(joined);
    }

    /// <summary>The path of the parent directory; empty for a name in the root.</summary>
    public static ByteString Parent(ByteString path)
    {
        var slash = path.Span.LastIndexOf((byte)'/');
        return slash < 0 ? ByteString.Empty : new(path.Span[..slash]);
    }

    /// <summary>The last name of <paramref name="path"/>.</summary>
    public static ByteString Name(ByteString path) => new(path.Span[(path.Span.LastIndexOf((byte)'/') + 1)..]);

    /// <summary>Enumerates the ranges of the names in <paramref name="path"/>. Doubled, leading and trailing slashes are skipped;
    /// <c>.</c> and <c>..</c> are returned.</summary>
    public static ComponentEnumerator Components(ReadOnlySpan<byte> path) => new(path);

    /// <summary>An enumerator over the names of a path that allocates nothing.</summary>
    public ref struct ComponentEnumerator(ReadOnlySpan<byte> path)
    {
        private readonly ReadOnlySpan<byte> _path = path;
        private int _next;

        /// <summary>The range of the name in the path.</summary>
        public Range Current { get; private set; }

        /// <summary>The enumerator itself, which <c>foreach</c> needs.</summary>
        public readonly ComponentEnumerator GetEnumerator() => this;

        /// <summary>Advances to the next name. Returns false at the end of the path.</summary>
        public bool MoveNext()
        {
            while (_next < _path.Length && _path[_next] == '/') _next++;
            if (_next == _path.Length) return false;
            var length = _path[_next..].IndexOf((byte)'/');
            var end = length < 0 ? _path.Length : _next + length;
            Current = _next..end;
            _next = end;
            return true;
        }
    }
}
