namespace OverlayImg.FileSystems;

/// <summary>What every kind of node has.</summary>
/// <param name="Permissions">0 to 07777; higher bits are an error of the caller.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="ModificationTime">Time of the last change of the content.</param>
/// <param name="ExtendedAttributes">Extended attributes; <see cref="ExtendedAttributes.None"/> for none.</param>
public readonly record struct Metadata(ushort Permissions, uint Uid, uint Gid, Timestamp ModificationTime, ExtendedAttributes ExtendedAttributes)
{
    /// <summary>A directory that nobody described: 0755, owned by root, at the epoch (image-spec, layer.md:
    /// parents that a layer leaves out).</summary>
    public static Metadata DefaultDirectory { get; } = new(0x1ED /* 0755 */, 0, 0, default, ExtendedAttributes.None);

    /// <summary>A file that the tool makes up itself: 0644, owned by root, at the epoch.</summary>
    public static Metadata DefaultFile { get; } = new(0x1A4 /* 0644 */, 0, 0, default, ExtendedAttributes.None);
}
