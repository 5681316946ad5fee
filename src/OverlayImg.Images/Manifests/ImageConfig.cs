using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>
/// An image config (OCI Image Specification, config; Docker Image Specification v1.2). The bytes are kept unchanged, so
/// that a new config that starts from this one keeps unknown fields.
/// </summary>
public sealed class ImageConfig
{
    /// <summary>The largest config that is read, in bytes; containers/image has the same limit.</summary>
    public const int MaximumLength = 4 << 20;

    private ImageConfig(ReadOnlyMemory<byte> bytes, JsonInput root, InputLocation where)
    {
        Where = where;
        Bytes = bytes;
        Id = Digest.Of(bytes.Span);
        OperatingSystem = root.Text("os") is { Length: > 0 } os ? os : "linux";
        Architecture = root.Text("architecture") ?? "";
        Variant = root.Text("variant") ?? "";
        Environment = root.Optional("config") is { } config ? [.. config.Items("Env").Select(variable => variable.Text())] : [];

        var rootfs = root.Required("rootfs");
        var type = rootfs.Required("type").Text();
        if (type != "layers") throw rootfs.Wrong($"has the type '{JsonInput.Printable(type)}'; only 'layers' is known");
        DiffIds = [.. rootfs.Items("diff_ids").Select(diffId => diffId.Digest())];
    }

    /// <summary>The bytes of the config as they are stored.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The image ID: the digest of <see cref="Bytes"/>.</summary>
    public Digest Id { get; }

    /// <summary>The operating system as Go names it (GOOS); <c>linux</c> if the config names none.</summary>
    public string OperatingSystem { get; }

    /// <summary>The architecture as Go names it (GOARCH), such as <c>amd64</c>; empty if the config names none.</summary>
    public string Architecture { get; }

    /// <summary>The variant of the architecture, such as <c>v7</c>; usually empty.</summary>
    public string Variant { get; }

    /// <summary>The environment of the container, each entry <c>NAME=VALUE</c>; the last entry of a name counts.</summary>
    public IReadOnlyList<string> Environment { get; }

    /// <summary>Returns the working directory of the container; the root directory if the config names none.</summary>
    /// <exception cref="InputException">The member <c>WorkingDir</c> is not text.</exception>
    public string WorkingDirectory() =>
        JsonInput.Parse(Bytes, Where).Optional("config")?.Text("WorkingDir") is { Length: > 0 } directory ? directory : "/";

    /// <summary>The diff IDs of the layers, bottom first.</summary>
    public IReadOnlyList<Digest> DiffIds { get; }

    /// <summary>The platform of the image; architecture and variant are empty if the config names none.</summary>
    public Platform Platform => new(OperatingSystem, Architecture, Variant);

    internal InputLocation Where { get; }

    /// <summary>Throws if the image can't run on a platform.</summary>
    /// <exception cref="InputException">The image is for another platform.</exception>
    public void Require(Platform wanted)
    {
        if (!Serves(wanted)) throw new InputException($"is an image for {Platform}, not for {wanted}", Where);
    }

    // A config that names no architecture or no variant fits all of them.
    private bool Serves(Platform wanted) => OperatingSystem == wanted.OperatingSystem
        && (Architecture.Length == 0 || Architecture == wanted.Architecture)
        && (Variant.Length == 0 || wanted.Variants.Contains(Platform.Effective));

    /// <summary>Parses a config.</summary>
    /// <exception cref="InputException">The bytes are not a config, or the config has an unsupported form.</exception>
    public static ImageConfig Parse(ReadOnlyMemory<byte> bytes, InputLocation where)
    {
        var root = JsonInput.Parse(bytes, where);
        JsonInput.RequireUnicode(bytes.Span, where);
        return new(bytes, root, where);
    }

    /// <exception cref="InputException">The image is for another operating system.</exception>
    internal void RequireLinux()
    {
        if (OperatingSystem == "linux") return;
        throw new InputException($"is the config of an image for {JsonInput.Printable(OperatingSystem)}; only images for Linux can be used", Where);
    }
}
