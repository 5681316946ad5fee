using System.Text.Json.Nodes;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>An attribute of image specs.</summary>
/// <param name="Name">Name of the attribute, in most cases that of dockerTools.</param>
/// <param name="Description">A sentence for the schema.</param>
/// <param name="Form">The expected value, for messages, such as "a path".</param>
/// <param name="Schema">JSON Schema of the value, without <c>null</c>.</param>
/// <param name="Read">Returns the spec with the value; null if the value has the wrong form.</param>
internal sealed record SpecAttribute(
    string Name, string Description, string Form, JsonObject Schema, Func<ImageSpec, JsonNode, SpecPlace, ImageSpec?> Read);

/// <summary>The table of all attributes, which the reader and the schema share.</summary>
internal static class SpecAttributes
{
    /// <summary>The old and the new name of one attribute. A spec may have only one of them.</summary>
    public static (string Old, string New) Contents { get; } = ("contents", "copyToRoot");

    private static readonly SpecAttribute[] Naming =
    [
        Of("name", "Name of the image. Upper case becomes lower case.", SpecTypes.Text, (spec, text) => spec with { Name = text.ToLowerInvariant() }),
        Of("tag", "Tag of the image. Without it the tag is derived from the image ID.", SpecTypes.Text, (spec, text) => spec with { Tag = text }),
        Of("fromImage", "The base image: an archive, a layout, the tar of a root file system, or docker://NAME. The word scratch stands for none.",
            SpecTypes.Image, (spec, path) => spec with { FromImage = path }),
        Of("fromImageName", "Name of the base image, where its archive holds several images.",
            SpecTypes.Text, (spec, text) => spec with { FromImageName = text }),
        Of("fromImageTag", "Tag of the base image, where its archive holds several images.",
            SpecTypes.Text, (spec, text) => spec with { FromImageTag = text }),
    ];

    private static readonly SpecAttribute[] ImageFiles =
    [
        Of("contents", "Directories and tarballs whose files go to the root of the new layer; later ones win. Older name of copyToRoot.",
            SpecTypes.Paths, (spec, paths) => spec with { Contents = paths }),
        Of("copyToRoot", "Directories and tarballs whose files go to the root of the new layer; later ones win.",
            SpecTypes.Paths, (spec, paths) => spec with { Contents = paths }),
    ];

    private static readonly SpecAttribute[] Common =
    [
        Of("copy",
            "Files and directories that are copied to places in the new layer after the contents, as COPY of a Dockerfile does; later ones win. " +
            "A text has the form SRC:DST[:OWNER[:GROUP]]. Not of dockerTools.",
            SpecCopies.Type, (spec, copies) => spec with { Copies = copies }),
        Of("keepContentsDirlinks", "Keep symbolic links to directories in the contents. By default they become directories if they lead inside.",
            SpecTypes.Boolean, (spec, value) => spec with { KeepContentsDirlinks = (bool)value }),
        Of("config", "The container config as in the OCI Image Specification: Cmd, Entrypoint, Env, ExposedPorts, Labels, StopSignal, User, " +
            "Volumes, WorkingDir and others.", SpecTypes.Object, (spec, config) => spec with { Config = config.DeepClone().AsObject() }),
        Of("annotations", "Annotations of the image's manifest. Not of dockerTools.",
            SpecTypes.Texts, (spec, texts) => spec with { Annotations = texts }),
        Of("inheritConfig", "Inherit the whole container config of the base image, not only its environment. Not of dockerTools.",
            SpecTypes.Boolean, (spec, value) => spec with { InheritConfig = (bool)value }),
        Of("extraCommands", "Bash commands that run in the root directory of the new layer before the layer is packed.",
            SpecTypes.Script, (spec, text) => spec with { ExtraCommands = ScriptOf("extraCommands", text) }),
        Of("diskSize", "Size of the guest's disk in MiB.", SpecTypes.Size, (spec, value) => spec with { DiskSize = (long)value << 20 }),
        Of("buildVMMemorySize", "Memory of the guest in MiB.", SpecTypes.Size, (spec, value) => spec with { MemoryMiB = (int)(long)value }),
        Of("created", "Creation time that the image records: a time in ISO 8601, or now.",
            SpecTypes.Created, (spec, text) => spec with { Created = text }),
        Of("architecture", "Architecture of the image by its name in Go, such as amd64.",
            SpecTypes.Architecture, (spec, text) => spec with { Architecture = text }),
        Of("variant", "Variant of the architecture, such as v7; empty for none.",
            SpecTypes.Variant, (spec, text) => spec with { Variant = text.Length == 0 ? null : text }),
        Of("meta", "Nix's metadata of the image, which has no effect.", SpecTypes.Object, (spec, _) => spec),
        Of("compressor", "Compression of the archive. The ending of the archive's name must not state another one.",
            SpecTypes.Compressor, (spec, value) => spec with { Compressor = (CompressionFormat)value }),
        Of("closure", "A file with the store paths of the image, in one of Nix's forms of closures. Not of dockerTools, where Nix itself finds them.",
            SpecTypes.Path, (spec, path) => spec with { Closure = path }),
        Of("includeNixDB", "Put a Nix database of the image's store paths into the layer.",
            SpecTypes.Boolean, (spec, value) => spec with { IncludeNixDatabase = (bool)value }),
        Of("storeDir", "Directory of the Nix store. Not of dockerTools.", SpecTypes.Path, (spec, path) => spec with { StoreDirectory = path }),
    ];

    private static readonly SpecAttribute[] ImageScripts =
    [
        Of("uid", "User ID of the owner of the files in a layer without runAsRoot.",
            SpecTypes.Owner, (spec, value) => spec with { Uid = (uint)(long)value }),
        Of("gid", "Group ID of the files in a layer without runAsRoot.", SpecTypes.Owner, (spec, value) => spec with { Gid = (uint)(long)value }),
        Of("runAsRoot", "Bash commands that run as root in the image's file system, in a guest VM.",
            SpecTypes.Script, (spec, text) => spec with { RunAsRoot = ScriptOf("runAsRoot", text) }),
        Of("run", "Commands that run one after the other after runAsRoot, each by /bin/sh -e -c of the image. Not of dockerTools.",
            SpecTypes.Commands, (spec, commands) => spec with { Run = commands }),
    ];

    private static readonly SpecAttribute[] Layered =
    [
        Of("contents", "Directories and tarballs whose files go to the root of the customisation layer (as links, if in the store); later ones win.",
            SpecTypes.Paths, (spec, paths) => spec with { Contents = paths }),
        Of("maxLayers", "Largest number of layers of the image, the base image's layers and the customisation layer included.",
            SpecTypes.LayerCount, (spec, value) => spec with { MaxLayers = (int)(long)value }),
        Of("layering", "Strategy that divides files into layers. Not of dockerTools.",
            SpecTypes.Layering, (spec, value) => spec with { Layering = (LayeringStrategy)value }),
        Of("fakeRootCommands", "Bash commands that run as root in the root directory of the customisation layer, in a guest VM.",
            SpecTypes.Script, (spec, text) => spec with { FakeRootCommands = ScriptOf("fakeRootCommands", text) }),
        Of("includeStorePaths", "Whether the image contains the store paths.",
            SpecTypes.Boolean, (spec, value) => spec with { IncludeStorePaths = (bool)value }),
        Of("uid", "User ID of the owner of the store paths.", SpecTypes.Owner, (spec, value) => spec with { Uid = (uint)(long)value }),
        Of("gid", "Group ID of the store paths.", SpecTypes.Owner, (spec, value) => spec with { Gid = (uint)(long)value }),
        Of("uname", "Name of the user that owns the store paths.", SpecTypes.Text, (spec, text) => spec with { Uname = text }),
        Of("gname", "Name of the group that owns the store paths.", SpecTypes.Text, (spec, text) => spec with { Gname = text }),
        Of("mtime", "Modification time of every file in new layers: a time in ISO 8601, or now.",
            SpecTypes.FileTime, (spec, value) => spec with { FileTime = (Timestamp)value }),
        Of("enableFakechroot", "Has no effect: the customisation layer is always the root directory of fakeRootCommands.",
            SpecTypes.Boolean, (spec, _) => spec),
        Of("passthru", "Attributes of the derivation, which have no effect.", SpecTypes.Object, (spec, _) => spec),
        Of("layeringPipeline", "Must be null: the attribute layering divides files into layers.", SpecTypes.Null, (spec, _) => spec),
        Of("debug", "Must be false: there is no layering pipeline to debug.", SpecTypes.False, (spec, _) => spec),
    ];

    /// <summary>The attributes that a kind of specs may have.</summary>
    public static IReadOnlyList<SpecAttribute> Of(SpecKind kind) => kind == SpecKind.Image ? All : AllLayered;

    /// <summary>The attributes that only the other kind of specs has. Their value must be null.</summary>
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
