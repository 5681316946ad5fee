using OverlayImg.FileSystems;
using OverlayImg.Images.Layers;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>The contents of an archive as nixpkgs' <c>stream_layered_image.py</c> (dockerTools) writes it.</summary>
public sealed record StreamedImage
{
    /// <summary>The only entry of <c>RepoTags</c>: name and tag in one text.</summary>
    public required string RepoTag { get; init; }

    /// <summary>The bytes of the config; their digest is the image ID.</summary>
    public required ReadOnlyMemory<byte> Config { get; init; }

    /// <summary>The layers, bottom first.</summary>
    public required IReadOnlyList<StreamedLayer> Layers { get; init; }

    /// <summary>The modification time of every member.</summary>
    public required Timestamp FileTime { get; init; }
}

/// <summary>The mode and the owner of an archive member.</summary>
/// <param name="Permissions">Permission bits, 0 to 07777.</param>
/// <param name="Uid">Numeric owner.</param>
/// <param name="Gid">Numeric group.</param>
/// <param name="Uname">Owner's name; empty for none.</param>
/// <param name="Gname">Group's name; empty for none.</param>
public sealed record StreamedOwner(int Permissions, uint Uid, uint Gid, ByteString Uname, ByteString Gname)
{
    /// <summary>The defaults of Python's tarfile: mode 0644, owner and group 0, no names.</summary>
    public static StreamedOwner Default { get; } = new(0x1A4 /* 0644 */, 0, 0, ByteString.Empty, ByteString.Empty);
}

/// <summary>A layer in a streamed archive.</summary>
/// <param name="Member">The member name of the layer.</param>
/// <param name="Content">The bytes of the layer's tar.</param>
public sealed record StreamedLayer(string Member, FileContent Content)
{
    /// <summary>The mode and the owner in the member's tar header.</summary>
    public StreamedOwner Owner { get; init; } = StreamedOwner.Default;

    /// <summary>Takes a new layer under the script's member name, <c>DIFF-ID/layer.tar</c>.</summary>
    public static StreamedLayer Of(Layer layer) => new($"{layer.DiffId.Hex}/layer.tar", layer.StoredContent);
}
