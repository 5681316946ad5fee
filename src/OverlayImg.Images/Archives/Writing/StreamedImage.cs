using OverlayImg.FileSystems;
using OverlayImg.Images.Layers;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>An image in the form that nixpkgs' <c>stream_layered_image.py</c> writes (spec dockertools, 1.13).</summary>
public sealed record StreamedImage
{
    /// <summary>Name and tag, as the script has them: one text.</summary>
    public required string RepoTag { get; init; }

    /// <summary>The config, byte for byte: its digest is the image ID.</summary>
    public required ReadOnlyMemory<byte> Config { get; init; }

    /// <summary>The layers, bottom first.</summary>
    public required IReadOnlyList<StreamedLayer> Layers { get; init; }

    /// <summary>The time of every member.</summary>
    public required Timestamp FileTime { get; init; }
}

/// <summary>Mode and owner of a member.</summary>
/// <param name="Permissions">0 to 07777.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Uname">Name of the owner; empty for none.</param>
/// <param name="Gname">Name of the group; empty for none.</param>
public sealed record StreamedOwner(int Permissions, uint Uid, uint Gid, ByteString Uname, ByteString Gname)
{
    /// <summary>What Python's tarfile writes where nothing is said.</summary>
    public static StreamedOwner Default { get; } = new(0x1A4 /* 0644 */, 0, 0, ByteString.Empty, ByteString.Empty);
}

/// <summary>A layer of it.</summary>
/// <param name="Member">Its name in the archive.</param>
/// <param name="Content">Its bytes.</param>
public sealed record StreamedLayer(string Member, FileContent Content)
{
    /// <summary>Mode and owner in the member's header.</summary>
    public StreamedOwner Owner { get; init; } = StreamedOwner.Default;

    /// <summary>A new layer, under the name that the script gives it.</summary>
    public static StreamedLayer Of(Layer layer) => new($"{layer.DiffId.Hex}/layer.tar", layer.StoredContent);
}
