namespace OverlayImg.FileSystems;

/// <summary>The metadata that nodes of every type have.</summary>
/// <param name="Permissions">0 to 07777. The caller must not set higher bits.</param>
/// <param name="Uid">Numeric user ID of the owner.</param>
/// <param name="Gid">Numeric group ID.</param>
/// <param name="ModificationTime">Time of the last change of the content.</param>
/// <param name="ExtendedAttributes">Not null; <see cref="ExtendedAttributes.None"/> for a node without attributes.</param>
public readonly record struct Metadata(ushort Permissions, uint Uid, uint Gid, Timestamp ModificationTime, ExtendedAttributes ExtendedAttributes)
{
    /// <summary>
    /// Metadata of a directory without an entry of its own: mode 0755, owned by root, modification time 0. The OCI Image Specification
    /// ("Layer Filesystem Changeset") allows layers to leave out parent directories.
    /// </summary>
    public static Metadata DefaultDirectory { get; } = new(0x1ED /* 0755 */, 0, 0, default, ExtendedAttributes.None);

    /// <summary>Metadata of a file that the tool makes itself: mode 0644, owned by root, modification time 0.</summary>
    public static Metadata DefaultFile { get; } = new(0x1A4 /* 0644 */, 0, 0, default, ExtendedAttributes.None);
}
