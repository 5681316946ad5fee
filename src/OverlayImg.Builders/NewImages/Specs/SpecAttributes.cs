using System.Text.Json.Nodes;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>An attribute of image specs.</summary>
/// <param name="Name">As dockerTools calls it.</param>
/// <param name="Description">For the schema.</param>
/// <param name="Form">What its value should be, for messages.</param>
/// <param name="Schema">Its value in JSON Schema, <c>null</c> not yet allowed.</param>
/// <param name="Read">The spec with its value; null where that has the wrong form.</param>
internal sealed record SpecAttribute(
    string Name, string Description, string Form, JsonObject Schema, Func<ImageSpec, JsonNode, SpecPlace, ImageSpec?> Read);

/// <summary>All attributes: what the reader reads and the schema describes is this table.</summary>
internal static class SpecAttributes
{
    /// <summary>The two names of one attribute; a spec has one of them.</summary>
    public static (string Old, string New) Contents { get; } = ("contents", "copyToRoot");

    private static readonly SpecAttribute[] Naming =
    [
        Of("name", "Name of the image; it becomes lower case.", SpecTypes.Text, (spec, text) => spec with { Name = text.ToLowerInvariant() }),
        Of("tag", "Tag of the image; without one it gets one from its content.", SpecTypes.Text, (spec, text) => spec with { Tag = text }),
        Of("fromImage", "The base image: an archive, a layout, the tar of a root file system, docker://NAME; scratch is none.", SpecTypes.Image,
            (spec, path) => spec with { FromImage = path }),
        Of("fromImageName", "Which image of the archive: its name.", SpecTypes.Text, (spec, text) => spec with { FromImageName = text }),
        Of("fromImageTag", "Which image of the archive: its tag.", SpecTypes.Text, (spec, text) => spec with { FromImageTag = text }),
    ];

    private static readonly SpecAttribute[] ImageFiles =
    [
        Of("contents", "Directories and tarballs whose inside goes to the root of the new layer; later ones win. Older name of copyToRoot.",
            SpecTypes.Paths, (spec, paths) => spec with { Contents = paths }),
        Of("copyToRoot", "Directories and tarballs whose inside goes to the root of the new layer; later ones win.",
            SpecTypes.Paths, (spec, paths) => spec with { Contents = paths }),
    ];

    private static readonly SpecAttribute[] Common =
    [
        Of("keepContentsDirlinks", "Keep symbolic links to directories; otherwise they become directories.",
            SpecTypes.Boolean, (spec, value) => spec with { KeepContentsDirlinks = (bool)value }),
        Of("config", "The container's config, as the OCI image specification has it: Cmd, Entrypoint, Env, ExposedPorts, Labels, StopSignal, User, " +
            "Volumes, WorkingDir and others.", SpecTypes.Object, (spec, config) => spec with { Config = config.DeepClone().AsObject() }),
        Of("annotations", "Annotations of the image's manifest. Not of dockerTools.", SpecTypes.Texts, (spec, texts) => spec with { Annotations = texts }),
        Of("inheritConfig", "Inherit the base's container config, and not its environment alone. Not of dockerTools.",
            SpecTypes.Boolean, (spec, value) => spec with { InheritConfig = (bool)value }),
        Of("extraCommands", "Bash commands that run in the new layer's root before it is packed.",
            SpecTypes.Script, (spec, text) => spec with { ExtraCommands = ScriptOf("extraCommands", text) }),
        Of("diskSize", "Size of the guest's disk in MiB.", SpecTypes.Size, (spec, value) => spec with { DiskSize = (long)value << 20 }),
        Of("buildVMMemorySize", "Memory of the guest in MiB.", SpecTypes.Size, (spec, value) => spec with { MemoryMiB = (int)(long)value }),
        Of("created", "When the image says that it was made: a time of ISO 8601, or now.",
            SpecTypes.Created, (spec, text) => spec with { Created = text }),
        Of("architecture", "Architecture of the image in Go's words.", SpecTypes.Architecture, (spec, text) => spec with { Architecture = text }),
        Of("variant", "Variant of the architecture, such as v7; empty for none.",
            SpecTypes.Variant, (spec, text) => spec with { Variant = text.Length == 0 ? null : text }),
        Of("meta", "What Nix knows of the image; no part of it.", SpecTypes.Object, (spec, _) => spec),
        Of("compressor", "Compression of the archive. The ending of the archive's name must not say another one.",
            SpecTypes.Compressor, (spec, value) => spec with { Compressor = (CompressionFormat)value }),
        Of("closure", "A file with the store paths of the image, in any form that Nix writes closures in. Not of dockerTools, where Nix knows them.",
            SpecTypes.Path, (spec, path) => spec with { Closure = path }),
        Of("includeNixDB", "Put the Nix database of the closure in the layer.",
            SpecTypes.Boolean, (spec, value) => spec with { IncludeNixDatabase = (bool)value }),
        Of("storeDir", "The store that they lie in. Not of dockerTools.", SpecTypes.Path, (spec, path) => spec with { StoreDirectory = path }),
    ];

    private static readonly SpecAttribute[] ImageScripts =
    [
        Of("uid", "Owner of the files of a layer without runAsRoot.", SpecTypes.Owner, (spec, value) => spec with { Uid = (uint)(long)value }),
        Of("gid", "Group of the files of a layer without runAsRoot.", SpecTypes.Owner, (spec, value) => spec with { Gid = (uint)(long)value }),
        Of("runAsRoot", "Bash commands that run as root in the image, in a guest.",
            SpecTypes.Script, (spec, text) => spec with { RunAsRoot = ScriptOf("runAsRoot", text) }),
    ];

    private static readonly SpecAttribute[] Layered =
    [
        Of("contents", "Directories and tarballs whose inside goes to the root of the customisation layer, as links where they lie in the store; later ones win.",
            SpecTypes.Paths, (spec, paths) => spec with { Contents = paths }),
        Of("maxLayers", "How many layers the image may have, the base's and the customisation layer included.",
            SpecTypes.LayerCount, (spec, value) => spec with { MaxLayers = (int)(long)value }),
        Of("layering", "How files are divided into layers. Not of dockerTools.",
            SpecTypes.Layering, (spec, value) => spec with { Layering = (LayeringStrategy)value }),
        Of("fakeRootCommands", "Bash commands that run as root in the root of the customisation layer, in a guest.",
            SpecTypes.Script, (spec, text) => spec with { FakeRootCommands = ScriptOf("fakeRootCommands", text) }),
        Of("includeStorePaths", "Whether the store paths are in the image.", SpecTypes.Boolean, (spec, value) => spec with { IncludeStorePaths = (bool)value }),
        Of("uid", "Owner of the store paths.", SpecTypes.Owner, (spec, value) => spec with { Uid = (uint)(long)value }),
        Of("gid", "Group of the store paths.", SpecTypes.Owner, (spec, value) => spec with { Gid = (uint)(long)value }),
        Of("uname", "Name of their owner.", SpecTypes.Text, (spec, text) => spec with { Uname = text }),
        Of("gname", "Name of their group.", SpecTypes.Text, (spec, text) => spec with { Gname = text }),
        Of("mtime", "The time of every file in new layers: a time of ISO 8601, or now.",
            SpecTypes.FileTime, (spec, value) => spec with { FileTime = (Timestamp)value }),
        Of("enableFakechroot", "Whether fakeRootCommands have the customisation layer as root directory, which they have in any case.",
            SpecTypes.Boolean, (spec, _) => spec),
        Of("passthru", "Attributes of the derivation; no part of the image.", SpecTypes.Object, (spec, _) => spec),
        Of("layeringPipeline", "Always null: layering tells how files are divided.", SpecTypes.Null, (spec, _) => spec),
        Of("debug", "Always false: there is no pipeline to debug.", SpecTypes.False, (spec, _) => spec),
    ];

    /// <summary>The attributes of a kind of specs.</summary>
    public static IReadOnlyList<SpecAttribute> Of(SpecKind kind) => kind == SpecKind.Image ? All : AllLayered;

    /// <summary>Attributes that only the other kind of specs has: they may be there, but say nothing.</summary>
    public static IEnumerable<SpecAttribute> OfOthers(SpecKind kind)
    {
        var own = Of(kind).Select(attribute => attribute.Name).ToHashSet();
        return All.Concat(AllLayered).Where(attribute => !own.Contains(attribute.Name)).DistinctBy(attribute => attribute.Name);
    }

    private static SpecAttribute[] All { get; } = [.. Naming, .. ImageFiles, .. Common, .. ImageScripts];

    private static SpecAttribute[] AllLayered { get; } = [.. Naming, .. Common, .. Layered];

    private static SpecAttribute Of<T>(string name, string description, SpecType<T> type, Func<ImageSpec, T, ImageSpec> set) where T : notnull =>
        new(name, description, type.Form, type.Schema,
            (spec, value, place) => type.Read(value, place) is { } read ? set(spec, read) : null);

    private static Script? ScriptOf(string name, string text) => text.Length == 0 ? null : new(name, ByteString.FromText(text).Memory);
}
