using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.LayerClosures;

namespace OverlayImg.Layers.Ready;

/// <summary>
/// Adds ready-made files to a layer. They replace nothing: a path that the contents or the base image have stays
/// unchanged, and a notice names it.
/// </summary>
/// <param name="layer">The layer with its contents; changed.</param>
/// <param name="mergedBase">The merged parent layers; null without a base image.</param>
/// <param name="contents">The contents. Their store may have the programs that links lead to.</param>
internal sealed class ReadyFiles(FileTree layer, FileTree? mergedBase, LayerContents contents)
{
    // The preferred program comes first.
    private static readonly string[] Shells = ["bash", "dash", "busybox"];
    private static readonly string[] Environments = ["env", "coreutils", "busybox"];

    private const ushort LinkPermissions = 0x1FF /* 0777 */;
    private const ushort EmptyDirectoryPermissions = 0x16D /* 0555 */;

    private readonly TreeResolver _resolver = new(layer, mergedBase);
    private readonly UpperDirectories _directories = new(layer, mergedBase);
    private readonly ProgramSearch _programs = new(layer, mergedBase, contents);
    private readonly List<string> _present = [];

    /// <summary>The store paths that belong to the layer; null for none.</summary>
    public LayerClosure? Closure { get; init; }

    /// <summary>User ID of the files.</summary>
    public uint Uid { get; init; }

    /// <summary>Group ID of the files.</summary>
    public uint Gid { get; init; }

    /// <summary>Adds the files of <paramref name="wanted"/>.</summary>
    /// <param name="session">Receives a notice about paths that exist already.</param>
    /// <exception cref="InputException">
    /// No program for <c>/bin/sh</c> or <c>/usr/bin/env</c> was found, or a file has the path of a required directory.
    /// </exception>
    /// <exception cref="MachineException">This machine has no CA certificates.</exception>
    public void Add(ReadyContents wanted, Session session)
    {
        Add(ReadyContents.FakeNss, LayerSetting.FakeNss, AddFakeNss);
        Add(ReadyContents.BinSh, LayerSetting.BinSh, () => AddProgram("bin/sh", Shells, "a shell"));
        Add(ReadyContents.UsrBinEnv, LayerSetting.UsrBinEnv, () => AddProgram("usr/bin/env", Environments, "an env"));
        Add(ReadyContents.CaCertificates, LayerSetting.CaCertificates, AddCertificates);

        void Add(ReadyContents one, Setting setting, Action add)
        {
            if (!wanted.HasFlag(one)) return;
            _present.Clear();
            add();
            if (_present.Count > 0) session.Notice($"Already present, and not changed: {string.Join(", ", _present)}", setting);
        }
    }

    /// <summary>Returns the programs in this machine's store to which links of <paramref name="ready"/> can lead.</summary>
    public static IReadOnlyList<ByteString> HostProgramsFor(ReadyContents ready, LayerContents contents)
    {
        var store = StorePaths.Directory(ByteString.FromText(contents.StoreDirectory));
        (ReadyContents Contents, string[] Names)[] all = [(ReadyContents.BinSh, Shells), (ReadyContents.UsrBinEnv, Environments)];
        return [.. all.Where(wanted => ready.HasFlag(wanted.Contents))
            .Select(wanted => HostPrograms.FindInStore(wanted.Names, store)).OfType<ByteString>()];
    }

    private void AddFakeNss()
    {
        AddFile("etc/passwd", FakeNss.Passwd);
        AddFile("etc/group", FakeNss.Group);
        AddFile("etc/nsswitch.conf", FakeNss.NameServiceSwitch);
        AddDirectory("var/empty");
    }

    private void AddProgram(string path, string[] names, string what)
    {
        if (IsPresent(path)) return;
        var program = _programs.Find(names) ?? Closure?.FindProgram(names) ?? throw new InputException(
            $"/{path} can't be made: no {string.Join(", ", names[..^1])} or {names[^1]} is in the contents, in the base image, in the closure, " +
            "or in this machine's store")
        {
            Advice = new($"Add {what} to the contents, for example by a directory with a static busybox as bin/busybox.", LayerSetting.Contents),
        };
        AddLink(path, program);
    }

    private void AddCertificates()
    {
        // One path is the file and the other two are links to it, as in Linux distributions.
        if (!IsPresent(CertificateBundle.Path))
            Place(CertificateBundle.Path, new RegularFileNode(Owned(Metadata.DefaultFile), CertificateBundle.Read()));
        foreach (var (path, target) in CertificateBundle.Links)
        {
            if (!IsPresent(path)) AddLink(path, ByteString.FromText(target));
        }
    }

    private void AddFile(string path, ReadOnlySpan<byte> text)
    {
        if (!IsPresent(path)) Place(path, new RegularFileNode(Owned(Metadata.DefaultFile), new MemoryContent(text.ToArray())));
    }

    private void AddDirectory(string path)
    {
        if (!IsPresent(path)) Place(path, new DirectoryNode(Owned(Metadata.DefaultDirectory) with { Permissions = EmptyDirectoryPermissions }));
    }

    private void AddLink(string path, ByteString target) =>
        Place(path, new SymbolicLinkNode(Owned(Metadata.DefaultFile) with { Permissions = LinkPermissions }, target));

    private bool IsPresent(string path)
    {
        if (_resolver.Resolve(ByteString.FromText(path), followLast: false).Outcome != ResolutionOutcome.Found) return false;
        _present.Add($"/{path}");
        return true;
    }

    private void Place(string path, FileNode node)
    {
        var wanted = ByteString.FromText(path);
        _directories.Make(MakeParent(TreePath.Parent(wanted))).Set(TreePath.Name(wanted), node);
    }

    /// <summary>
    /// Returns the directory at <paramref name="wanted"/> with its links resolved. Missing directories are created, as by <c>mkdir -p</c>.
    /// </summary>
    private ByteString MakeParent(ByteString wanted)
    {
        while (true)
        {
            var resolution = _resolver.Resolve(wanted);
            if (resolution.Directory is not null) return resolution.Path;
            if (resolution.Outcome != ResolutionOutcome.Missing)
                throw new InputException($"is not a directory, but ready-made files belong in /{wanted}", new(Path: resolution.Path.ToString()));
            var directory = new DirectoryNode(Owned(Metadata.DefaultDirectory), isImplied: true);
            _directories.Make(TreePath.Parent(resolution.Path)).Set(TreePath.Name(resolution.Path), directory);
        }
    }

    private Metadata Owned(Metadata metadata) => metadata with { Uid = Uid, Gid = Gid };
}
