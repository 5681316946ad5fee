using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Layers.Reuse;

/// <summary>
/// All that goes into a run and that its scripts can see, or that decides what becomes of what they leave. Two runs of the same identity give the same
/// layer, if the scripts take nothing from chance, from the time, or from the machine: QEMU's version and the host's processor are no inputs.
/// </summary>
internal sealed record RunIdentity
{
    /// <summary>Changes when what is hashed, or what is stored under the hash, does.</summary>
    private const string Format = "overlayimg result 1";

    /// <summary>
    /// Scripts, variables and what else was asked for. Of the guest, what a script can see: the size of its disk, its memory and processors, and the
    /// accelerator, which shows in the processor's features; <c>auto</c> may be either, so it is one of its own. Time limits and warm starts can't be seen.
    /// </summary>
    public required GuestLayerOptions Options { get; init; }

    /// <summary>Version and build of the tool.</summary>
    public required string Tool { get; init; }

    /// <summary>Digest of the guest image.</summary>
    public required string GuestImage { get; init; }

    /// <summary>Diff IDs of the base image's layers, bottom first; null without one. Nothing else of an image reaches the guest.</summary>
    public IReadOnlyList<string>? BaseLayers { get; init; }

    /// <summary>The contents, merged and not landed yet; null for none.</summary>
    public FileTree? Contents { get; init; }

    /// <summary>What is in the directories to mount, in the order of the options.</summary>
    public IReadOnlyList<FileTree> Mounts { get; init; } = [];

    /// <summary>The host's certificates, where the layer is to have them.</summary>
    public FileContent? Certificates { get; init; }

    /// <summary>Store paths that belong to the layer; null for none.</summary>
    public LayerClosure? Closure { get; init; }

    /// <summary>This machine's programs in the store, where the layer may get links to them.</summary>
    public IReadOnlyList<ByteString> Programs { get; init; } = [];

    /// <summary>Whether what hooks leave in <c>out</c> is wanted.</summary>
    public bool WithOut { get; init; }

    /// <summary>The name that a result of this run is stored under. Reads all files.</summary>
    public Digest Key(CancellationToken cancellationToken)
    {
        using var hash = new CanonicalHash();
        hash.Add(Format);
        hash.Add(Tool);
        hash.Add(GuestImage);
        AddBase(hash);
        AddScripts(hash);
        AddSettings(hash);
        AddCacheMounts(hash);
        AddFiles(hash, cancellationToken);
        return Digest.FromHash(hash.Complete());
    }

    private void AddBase(CanonicalHash hash)
    {
        hash.Add(BaseLayers?.Count ?? -1);
        foreach (var diffId in BaseLayers ?? []) hash.Add(diffId);
    }

    private void AddScripts(CanonicalHash hash)
    {
        var scripts = Options.Scripts;
        hash.Add(scripts.ShadowSetup ? 1 : 0);
        Script?[] all = [scripts.PreMount, scripts.RunAsRoot, scripts.PostMount, scripts.ExtraCommands, scripts.FakeRootCommands, scripts.PostUmount];
        foreach (var script in all)
        {
            hash.Add(script is null ? 0 : 1);
            if (script is not null) hash.Add(script.Text.Span);
        }

        hash.Add(Options.Guest.Environment.Count);
        foreach (var (name, value) in Options.Guest.Environment)
        {
            hash.Add(name);
            hash.Add(value.Span);
        }
    }

    private void AddSettings(CanonicalHash hash)
    {
        var guest = Options.Guest;
        foreach (var number in new long[] { guest.DiskSize, guest.MemoryMiB, guest.Cpus, (int)guest.Accelerator, guest.Network ? 1 : 0 }) hash.Add(number);
        hash.Add(Options.KeepExtendedAttributes ? 1 : 0);
        hash.Add(Options.FileTime.Seconds);
        hash.Add(Options.FileTime.Nanoseconds);
        hash.Add((int)Options.Ready);
        hash.Add(Options.Contents.StoreDirectory);
        hash.Add(Options.Dialect.KeepsOwners ? 1 : 0);
        hash.Add(WithOut ? 1 : 0);
    }

    // The content of a cache mount is no input of the key. A script whose result depends on that content must not be reused.
    private void AddCacheMounts(CanonicalHash hash)
    {
        hash.Add(Options.Guest.CacheMounts.Count);
        foreach (var (name, target) in Options.Guest.CacheMounts)
        {
            hash.Add(name);
            hash.Add(target);
        }
    }

    private void AddFiles(CanonicalHash hash, CancellationToken cancellationToken)
    {
        hash.Add(Contents is null ? 0 : 1);
        if (Contents is not null) hash.Add(Contents, cancellationToken);
        hash.Add(Mounts.Count);
        foreach (var (mount, tree) in Options.Guest.Mounts.Zip(Mounts))
        {
            hash.Add(mount.Target);
            hash.Add(tree, cancellationToken);
        }

        hash.Add(Certificates is null ? 0 : 1);
        if (Certificates is not null) hash.Add(Certificates, cancellationToken);
        hash.Add(Closure is null ? 0 : 1);
        Closure?.AddTo(hash);
        hash.Add(Programs.Count);
        foreach (var program in Programs) hash.Add(program.Span);
    }
}
