namespace OverlayImg.FileSystems.Tar;

/// <summary>Converts a header block and PAX records to the fields of an entry.</summary>
internal static class TarHeader
{
    /// <summary>Whether content follows a header of this type. For unknown types it does, so that a reader can skip them.</summary>
    public static bool HasContent(TarTypeFlag type) => type is not (TarTypeFlag.HardLink or TarTypeFlag.SymbolicLink or TarTypeFlag.CharacterDevice
        or TarTypeFlag.BlockDevice or TarTypeFlag.Directory or TarTypeFlag.Fifo);

    /// <summary>Reads a header of any dialect.</summary>
    public static TarEntry Read(ReadOnlySpan<byte> block, long offset, TarErrors errors)
    {
        if (!TarChecksum.Matches(block))
        {
            const string Advice = "The file is damaged, or is not an uncompressed tar archive.";
            throw errors.At(offset, default, "the checksum of a tar header does not match", Advice);
        }

        var entry = new TarEntry
        {
            HeaderOffset = offset,
            RawName = new(TarLayout.Name.TextIn(block)),
            LinkName = new(TarLayout.LinkName.TextIn(block)),
            TypeFlag = (TarTypeFlag)TarLayout.TypeFlag.In(block)[0],
        };
        entry.Mode = Number(block, TarLayout.Mode, "mode", entry, errors);
        entry.Uid = Number(block, TarLayout.Uid, "uid", entry, errors);
        entry.Gid = Number(block, TarLayout.Gid, "gid", entry, errors);
        entry.Size = NotNegative(Number(block, TarLayout.Size, "size", entry, errors), entry, errors);
        entry.ModificationTime = new(Number(block, TarLayout.Mtime, "mtime", entry, errors));
        var dialect = DialectOf(block);
        if (dialect != Dialect.Version7) ReadUstarFields(block, dialect, entry, errors);
        return entry.TypeFlag != TarTypeFlag.GnuSparse || dialect == Dialect.Gnu
            ? entry : throw errors.At(entry, "a sparse file of type S has a header that is not GNU tar's");
    }

    /// <summary>Replaces fields of the entry with the records of an extended header.</summary>
    public static void ApplyRecords(TarEntry entry, PaxRecords records, TarErrors errors)
    {
        entry.PaxRecords = records;
        if (records.Find(PaxKeys.Path) is { } path) entry.RawName = new(path.Span);
        if (records.Find(PaxKeys.LinkPath) is { } linkPath) entry.LinkName = new(linkPath.Span);
        if (records.Find(PaxKeys.Uname) is { } uname) entry.Uname = new(uname.Span);
        if (records.Find(PaxKeys.Gname) is { } gname) entry.Gname = new(gname.Span);
        if (records.Find(PaxKeys.Uid) is { } uid) entry.Uid = Number(uid.Span, "uid", entry, errors);
        if (records.Find(PaxKeys.Gid) is { } gid) entry.Gid = Number(gid.Span, "gid", entry, errors);
        if (records.Find(PaxKeys.Size) is { } size) entry.Size = NotNegative(Number(size.Span, "size", entry, errors), entry, errors);
        if (records.Find(PaxKeys.Mtime) is { } mtime)
        {
            if (!PaxNumber.TryParseTime(mtime.Span, out var time)) throw errors.At(entry, "the PAX record mtime is not a time");
            entry.ModificationTime = time;
        }
    }

    private enum Dialect
    {
        Version7,
        Ustar,
        Star,
        Gnu,
    }

    private static Dialect DialectOf(ReadOnlySpan<byte> block)
    {
        var magic = TarLayout.Magic.In(block);
        var isGnu = magic.SequenceEqual(TarLayout.GnuMagic) && TarLayout.Version.In(block).SequenceEqual(TarLayout.GnuVersion);
        if (!magic.SequenceEqual(TarLayout.UstarMagic)) return isGnu ? Dialect.Gnu : Dialect.Version7;
        return TarLayout.StarTrailer.In(block).SequenceEqual(TarLayout.StarMagic) ? Dialect.Star : Dialect.Ustar;
    }

    private static void ReadUstarFields(ReadOnlySpan<byte> block, Dialect dialect, TarEntry entry, TarErrors errors)
    {
        entry.Uname = new(TarLayout.Uname.TextIn(block));
        entry.Gname = new(TarLayout.Gname.TextIn(block));
        entry.DevMajor = Number(block, TarLayout.DevMajor, "devmajor", entry, errors);
        entry.DevMinor = Number(block, TarLayout.DevMinor, "devminor", entry, errors);
        var prefix = dialect switch
        {
            Dialect.Ustar => TarLayout.Prefix.TextIn(block),
            Dialect.Star => TarLayout.StarPrefix.TextIn(block),
            _ => MistakenPrefix(block),
        };
        if (!prefix.IsEmpty) entry.RawName = new([.. prefix, (byte)'/', .. entry.RawName.Span]);
    }

    // Go before 1.8 wrote a ustar prefix to GNU headers, in place of atime and ctime. Layers of that time exist (golang.org/issue/12594).
    private static ReadOnlySpan<byte> MistakenPrefix(ReadOnlySpan<byte> block)
    {
        var areTimes = TarNumber.TryParse(TarLayout.GnuAtime.In(block), out _) && TarNumber.TryParse(TarLayout.GnuCtime.In(block), out _);
        var prefix = TarLayout.Prefix.TextIn(block);
        return areTimes || prefix.ContainsAnyExceptInRange((byte)1, (byte)0x7F) ? default : prefix;
    }

    private static long Number(ReadOnlySpan<byte> block, TarField field, string name, TarEntry entry, TarErrors errors) =>
        TarNumber.TryParse(field.In(block), out var value) ? value : throw errors.At(entry, $"the header field {name} is not a number");

    private static long Number(ReadOnlySpan<byte> text, string name, TarEntry entry, TarErrors errors) =>
        PaxNumber.TryParse(text, out var value) ? value : throw errors.At(entry, $"the PAX record {name} is not a number");

    private static long NotNegative(long size, TarEntry entry, TarErrors errors) =>
        size >= 0 ? size : throw errors.At(entry, $"the size {size} is negative");
}
