using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>
/// An image's config (image-spec, config.md; Docker's is the same). The bytes are kept as they are, for whoever writes one that starts from
/// it: fields that nobody here knows must survive.
/// </summary>
public sealed class ImageConfig
{
    /// <summary>The most that we read of one, in bytes, as containers/image does.</summary>
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

    /// <summary>The config as it is stored.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The image ID: the digest of <see cref="Bytes"/>.</summary>
    public Digest Id { get; }

    /// <summary>As Go calls it; <c>linux</c> where the config does not say.</summary>
    public string OperatingSystem { get; }

    /// <summary>The architecture as Go calls it: <c>amd64</c>, <c>arm64</c>; empty where the config does not say.</summary>
    public string Architecture { get; }

    /// <summary>The variant of the architecture, such as <c>v7</c>; mostly empty.</summary>
    public string Variant { get; }

    /// <summary>Environment of the container, each <c>NAME=VALUE</c>; of a name that comes twice the last counts.</summary>
    public IReadOnlyList<string> Environment { get; }

    /// <summary>One per layer, bottom first.</summary>
    public IReadOnlyList<Digest> DiffIds { get; }

    /// <summary>What it runs on, as far as the config says.</summary>
    public Platform Platform => new(OperatingSystem, Architecture, Variant);

    /// <summary>The config's place, for messages.</summary>
    internal InputLocation Where { get; }

    /// <exception cref="InputException">The image does not run on the platform.</exception>
    public void Require(Platform wanted)
    {
        if (!Serves(wanted)) throw new InputException($"is an image for {Platform}, not for {wanted}", Where);
    }

    // One that says no architecture or variant is taken at its word.
    private bool Serves(Platform wanted) => OperatingSystem == wanted.OperatingSystem
        && (Architecture.Length == 0 || Architecture == wanted.Architecture)
        && (Variant.Length == 0 || wanted.Variants.Contains(Platform.Effective));

    /// <summary>Reads a config.</summary>
    /// <exception cref="InputException">It is no config, or one that we can't use.</exception>
    public static ImageConfig Parse(ReadOnlyMemory<byte> bytes, InputLocation where)
    {
        var root = JsonInput.Parse(bytes, where);
        JsonInput.RequireUnicode(bytes.Span, where);
        return new(bytes, root, where);
    }

    /// <exception cref="InputException">The image is not for Linux.</exception>
    internal void RequireLinux()
    {
        if (OperatingSystem == "linux") return;
        throw new InputException($"is the config of an image for {JsonInput.Printable(OperatingSystem)}; only images for Linux can be used", Where);
    }
}
