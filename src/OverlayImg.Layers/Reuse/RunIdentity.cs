using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Layers.Reuse;

/// <summary>
/// Everything that goes into a run and that its scripts can see, or that decides how their result is used. Runs of the
/// same identity make the same layer if the scripts depend on no random values, time or machine. QEMU's version and the
/// host's processor are not part of the identity.
/// </summary>
internal sealed record RunIdentity
{
    /// <summary>Version of the format. It changes when the hash covers other data, or when the stored result has another form.</summary>
    private const string Format = "overlayimg result 2";

    /// <summary>
    /// Scripts, variables and other options. Of the guest, what scripts can see counts: the size of its disk, its
    /// memory and processors, and the accelerator, which shows in the processor's features. <c>auto</c> may be either
    /// accelerator, so it counts as a third one. Time limits and warm starts are invisible.
    /// </summary>
    public required GuestLayerOptions Options { get; init; }

    /// <summary>Version and build of the tool.</summary>
    public required string Tool { get; init; }

    /// <summary>Digest of the guest image.</summary>
    public required string GuestImage { get; init; }

    /// <summary>
    /// Diff IDs of the base image's layers, bottom first; null without one. Only the layers and the variables of the image reach the guest.
    /// </summary>
    public IReadOnlyList<string>? BaseLayers { get; init; }

    /// <summary>The parts of the contents, before they are applied to the base image.</summary>
    public IReadOnlyList<ContentsPart> Contents { get; init; } = [];

    /// <summary>The directory of the image at which relative destinations of copies start; null for the root directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The variables of the base image that scripts see, each <c>NAME=VALUE</c>.</summary>
    public IReadOnlyList<string> BaseVariables { get; init; } = [];

    /// <summary>The files and directories to mount, in the order of the options.</summary>
    public IReadOnlyList<MountedTree> Mounts { get; init; } = [];

    /// <summary>The host's CA certificates; null if the layer does not get them.</summary>
    public FileContent? Certificates { get; init; }

    /// <summary>Store paths that belong to the layer; null for none.</summary>
    public LayerClosure? Closure { get; init; }

    /// <summary>The programs in this machine's store to which the layer may get links.</summary>
    public IReadOnlyList<ByteString> Programs { get; init; } = [];

    /// <summary>Whether the result includes the files that hooks leave in <c>out</c>.</summary>
    public bool WithOut { get; init; }

    /// <summary>Returns the key under which the result of this run is stored. Reads all files.</summary>
    public Digest Key(CancellationToken cancellationToken)
    {
        using var hash = new CanonicalHash();
        hash.Add(Format);
        hash.Add(Tool);
        hash.Add(GuestImage);
        AddBase(hash);
        AddScripts(hash);
        AddSettings(hash);
        AddCacheMountsAndSecrets(hash);
        AddFiles(hash, cancellationToken);
        return Digest.FromHash(hash.Complete());
    }

    private void AddBase(CanonicalHash hash)
    {
        hash.Add(BaseLayers?.Count ?? -1);
        foreach (var diffId in BaseLayers ?? []) hash.Add(diffId);
        hash.Add(BaseVariables.Count);
        foreach (var variable in BaseVariables) hash.Add(variable);
    }

    private void AddScripts(CanonicalHash hash)
    {
        var scripts = Options.Scripts;
        hash.Add(scripts.ShadowSetup ? 1 : 0);
        hash.Add(scripts.Steps.Count);
        foreach (var step in scripts.Steps)
        {
            hash.Add(step.IsCommands ? 1 : 0);
            hash.Add(step.Text.Span);
        }

        Script?[] all = [scripts.PreMount, scripts.PostMount, scripts.ExtraCommands, scripts.FakeRootCommands, scripts.PostUmount];
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
        long[] numbers = [guest.DiskSize, guest.MemoryMiB, guest.Cpus, (int)guest.Accelerator, guest.Network ? 1 : 0];
        foreach (var number in numbers) hash.Add(number);
        hash.Add(Options.KeepExtendedAttributes ? 1 : 0);
        hash.Add(Options.FileTime.Seconds);
        hash.Add(Options.FileTime.Nanoseconds);
        hash.Add((int)Options.Ready);
        hash.Add(Options.Contents.StoreDirectory);
        hash.Add(Options.Dialect.KeepsOwners ? 1 : 0);
        hash.Add(WithOut ? 1 : 0);
    }

    // The content of cache mounts and secrets is not in the key. A script whose result depends on that content must not be reused.
    private void AddCacheMountsAndSecrets(CanonicalHash hash)
    {
        hash.Add(Options.Guest.CacheMounts.Count);
        foreach (var (name, target) in Options.Guest.CacheMounts)
        {
            hash.Add(name);
            hash.Add(target);
        }

        hash.Add(Options.Guest.Secrets.Count);
        foreach (var secret in Options.Guest.Secrets) hash.Add(secret.Name);
    }

    // A working directory counts only for a copy to a relative destination.
    private void AddCopy(CanonicalHash hash, ContentsPart part)
    {
        hash.Add(part.Source is null ? 0 : 1);
        if (part.Source?.Copy is not { } copy) return;
        hash.Add(part.IsDirectory ? 1 : 0);
        string[] texts =
            [copy.IsRelative ? WorkingDirectory ?? "/" : "", copy.Destination, copy.Owner ?? "", copy.Group ?? ""];
        foreach (var text in texts) hash.Add(text);
    }

    private void AddFiles(CanonicalHash hash, CancellationToken cancellationToken)
    {
        hash.Add(Contents.Count);
        foreach (var part in Contents)
        {
            AddCopy(hash, part);
            hash.Add(part.Tree, cancellationToken);
        }

        hash.Add(Mounts.Count);
        foreach (var (mount, mounted) in Options.Guest.Mounts.Zip(Mounts))
        {
            hash.Add(mount.Target);
            hash.Add(mounted.IsFile ? 1 : 0);
            hash.Add(mounted.Tree, cancellationToken);
        }

        hash.Add(Certificates is null ? 0 : 1);
        if (Certificates is not null) hash.Add(Certificates, cancellationToken);
        hash.Add(Closure is null ? 0 : 1);
        Closure?.AddTo(hash);
        hash.Add(Programs.Count);
        foreach (var program in Programs) hash.Add(program.Span);
    }
}
