using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.LayerClosures;

namespace OverlayImg.Layers.Ready;

/// <summary>
/// Adds ready contents to a layer. They fill gaps and replace nothing: what the contents or the base image have under a name stays, and is
/// told of in a notice.
/// </summary>
/// <param name="layer">The layer, its contents where they landed; added to.</param>
/// <param name="mergedBase">The parent layers merged; null for none.</param>
/// <param name="contents">The contents, whose store may have the programs that links lead to.</param>
internal sealed class ReadyFiles(FileTree layer, FileTree? mergedBase, LayerContents contents)
{
    // The most wanted program first.
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

    /// <summary>Owner of the files.</summary>
    public uint Uid { get; init; }

    /// <summary>Group of the files.</summary>
    public uint Gid { get; init; }

    /// <summary>Adds them.</summary>
    /// <param name="wanted">Which.</param>
    /// <param name="session">The operation. It is told what was there already.</param>
    /// <exception cref="InputException">There is no program that <c>/bin/sh</c> or <c>/usr/bin/env</c> could lead to, or a file stands where a
    /// directory must be.</exception>
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
            if (_present.Count > 0) session.Notice($"There already, and left as it is: {string.Join(", ", _present)}", setting);
        }
    }

    /// <summary>This machine's programs in the store that some of <paramref name="ready"/> can lead to.</summary>
    public static IReadOnlyList<ByteString> HostProgramsFor(ReadyContents ready, LayerContents contents)
    {
        var store = StorePaths.Directory(ByteString.FromText(contents.StoreDirectory));
        (ReadyContents Contents, string[] Names)[] all = [(ReadyContents.BinSh, Shells), (ReadyContents.UsrBinEnv, Environments)];
        return [.. all.Where(wanted => ready.HasFlag(wanted.Contents)).Select(wanted => HostPrograms.FindInStore(wanted.Names, store)).OfType<ByteString>()];
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
        // One file, and the two other names as links to it, as distributions do.
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

    /// <summary>The directory at <paramref name="wanted"/> without links; what is missing on the way is made, as by <c>mkdir -p</c>.</summary>
    private ByteString MakeParent(ByteString wanted)
    {
        while (true)
        {
            var resolution = _resolver.Resolve(wanted);
            if (resolution.Directory is not null) return resolution.Path;
            if (resolution.Outcome != ResolutionOutcome.Missing)
                throw new InputException($"is no directory, but ready contents must lie in /{wanted}", new(Path: resolution.Path.ToString()));
            var directory = new DirectoryNode(Owned(Metadata.DefaultDirectory), isImplied: true);
            _directories.Make(TreePath.Parent(resolution.Path)).Set(TreePath.Name(resolution.Path), directory);
        }
    }

    private Metadata Owned(Metadata metadata) => metadata with { Uid = Uid, Gid = Gid };
}
