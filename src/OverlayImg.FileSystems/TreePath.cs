namespace OverlayImg.FileSystems;

/// <summary>Paths inside a tree: names joined by single slashes, without a leading one; the empty path is the root.</summary>
public static class TreePath
{
    /// <summary>The longest path that we accept from an archive, in bytes; Linux's PATH_MAX is 4096 with the NUL.</summary>
    public const int MaximumLength = 4095;

    /// <summary><paramref name="name"/> below <paramref name="directory"/>.</summary>
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

    /// <summary>The directory that <paramref name="path"/> stands in; empty for a name in the root.</summary>
    public static ByteString Parent(ByteString path)
    {
        var slash = path.Span.LastIndexOf((byte)'/');
        return slash < 0 ? ByteString.Empty : new(path.Span[..slash]);
    }

    /// <summary>The last name of <paramref name="path"/>.</summary>
    public static ByteString Name(ByteString path) => new(path.Span[(path.Span.LastIndexOf((byte)'/') + 1)..]);

    /// <summary>Where in <paramref name="path"/> its names are. Empty names (doubled, leading and trailing slashes) are passed over;
    /// <c>.</c> and <c>..</c> are not.</summary>
    public static ComponentEnumerator Components(ReadOnlySpan<byte> path) => new(path);

    /// <summary>Walks over the names of a path without allocating.</summary>
    public ref struct ComponentEnumerator(ReadOnlySpan<byte> path)
    {
        private readonly ReadOnlySpan<byte> _path = path;
        private int _next;

        /// <summary>The range of the name in the path.</summary>
        public Range Current { get; private set; }

        /// <summary>For <c>foreach</c>.</summary>
        public readonly ComponentEnumerator GetEnumerator() => this;

        /// <summary>Goes on to the next name.</summary>
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
