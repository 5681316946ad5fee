using System.Text.Json.Nodes;
using OverlayImg.Caching;
using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Layers.LayerClosures;

/// <summary>
/// The store paths that belong to a new layer or image. A closure file of the user lists them. Without a file, they are
/// the store paths that contents, config and the results of scripts name, found as Nix finds references after a build.
/// </summary>
/// <param name="contents">The files of the layer, and the directory of the store.</param>
internal sealed class LayerClosure(LayerContents contents, CancellationToken cancellationToken)
{
    private readonly ByteString _store = StorePaths.Directory(ByteString.FromText(contents.StoreDirectory));
    private readonly FoundReferences _inConfig = new();
    private readonly FoundReferences _inContents = new();
    private ClosureScan? _scan;
    private ClosureListing? _listing;
    private Closure? _files;
    private bool _isSearched;

    /// <summary>Path of the closure file, in any form that Nix writes closures in; null to find the store paths by scanning.</summary>
    public string? File { get; init; }

    /// <summary>The container config that is scanned for store paths; null for none.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>The Nix database that the layer gets; null for none.</summary>
    public LayerDatabase? Database { get; init; }

    /// <summary>Whether the references between the store paths are needed.</summary>
    public bool NeedsReferences { get; init; }

    /// <summary>Whether the contents are scanned, and not only the config.</summary>
    public bool SearchesContents { get; init; } = true;

    /// <summary>Whether the image holds the store paths. Otherwise the store is mounted when a container runs.</summary>
    public bool IsIncluded { get; init; } = true;

    /// <summary>The store paths of the closure and their references.</summary>
    public ClosureGraph Graph => _listing is { } listing ? ClosureGraph.Of(_store, listing.Paths) : Scan.Graph;

    /// <summary>The store paths that the config names, sorted.</summary>
    public IReadOnlyList<ByteString> ConfigReferences => Scan.PathsOf(_inConfig);

    /// <summary>The store paths of the closure that have items of the contents in them, sorted.</summary>
    public IReadOnlyList<ByteString> ContentsPaths =>
        InGraph(ContentsInStore().Select(path => StorePaths.Containing(path, _store)).OfType<ByteString>());

    private ClosureScan Scan => _scan ?? throw new InvalidOperationException("The closure is not opened.");

    /// <summary>Reads the closure file, or the names in the store. An unusable closure is rejected before scripts run.</summary>
    /// <exception cref="InputException">
    /// The file can't be read, is no complete closure, or names a path that is no store path or does not exist.
    /// </exception>
    /// <exception cref="MachineException">A file in the store can't be read.</exception>
    public void Open()
    {
        if (File is null)
        {
            _scan = ClosureScan.OfStore(_store, cancellationToken);
            return;
        }

        _listing = NeedsReferences || Database is not null
            ? new(ClosureGraph.Read(File, _store, cancellationToken).Paths, HasReferences: true)
            : ClosureFile.Read(File, _store);
        _files = Closure.Of(_listing.Paths, _store, File, cancellationToken);
        _scan = new(_store, new([.. _listing.Paths.Select(info => info.Path)], _store), cancellationToken);
    }

    /// <summary>Rejects contents in store paths that the closure file does not list, because links to them would lead nowhere.</summary>
    /// <exception cref="InputException">Contents are in such a store path.</exception>
    public void RequireContents()
    {
        if (File is null) return;
        var known = Graph.Paths.Select(info => info.Path).ToHashSet();
        foreach (var path in PathsOfContents)
        {
            if (StoreLinks.Enter(path, _store) is not { } entered) continue;
            if (StorePaths.Containing(entered, _store) is not { } storePath || known.Contains(storePath)) continue;
            throw new InputException($"is in the store path {storePath}, which the closure does not have", new(path))
            {
                Advice = "Give the closure of all contents, or give no closure: then the store paths are found by scanning.",
            };
        }
    }

    /// <summary>Scans the config and the contents, only once.</summary>
    /// <param name="trees">The parts of the contents.</param>
    /// <exception cref="InputException">A file changed while it was read.</exception>
    /// <exception cref="MachineException">A file can't be read.</exception>
    public void Search(IEnumerable<FileTree> trees)
    {
        if (_isSearched) return;
        _isSearched = true;
        if (Config is not null) _inConfig.Add(Scan.Search(Config));
        if (File is not null) return;
        foreach (var tree in SearchesContents ? trees : []) _inContents.Add(Scan.Search(tree));
        AddRoots([.. Scan.PathsOf(_inConfig), .. Scan.PathsOf(_inContents), .. Database is null ? [] : ContentsInStore()]);
    }

    /// <summary>
    /// Finds a program in the store paths of the closure. A closure that is found by scanning and has no such program
    /// gets the program of this machine, if it is in the store.
    /// </summary>
    /// <param name="names">Names of the program, the preferred name first.</param>
    /// <returns>Absolute path of the program; null if there is none.</returns>
    public ByteString? FindProgram(IReadOnlyList<string> names)
    {
        if (!IsIncluded) return null;
        foreach (var program in names.SelectMany(name => Graph.Paths.Select(info => $"{info.Path}/bin/{name}")))
        {
            if (HostPrograms.IsProgram(program)) return ByteString.FromText(program);
        }

        if (File is not null || HostPrograms.FindInStore(names, _store) is not { } found) return null;
        AddRoots([found]);
        return found;
    }

    /// <summary>Adds the Nix database to the layer, if the layer gets one, before scripts run.</summary>
    /// <param name="tree">The layer with its contents.</param>
    /// <param name="mergedBase">The merged parent layers; null without a base image.</param>
    /// <param name="progress">Receives warnings.</param>
    /// <exception cref="InputException">
    /// Contents or config name a store path that does not exist, or the closure for the database is empty.
    /// </exception>
    /// <exception cref="MachineException">A file in the store can't be read.</exception>
    public FileTree Prepare(FileTree tree, FileTree? mergedBase, IProgress<BuildEvent> progress)
    {
        if (IsIncluded && Missing([_inConfig, _inContents], tree, mergedBase).FirstOrDefault() is { } missing) throw IsMissing(missing);
        return Database is null ? tree : Database.AddTo(tree, mergedBase, Graph, progress, cancellationToken);
    }

    /// <summary>Scans the result of the scripts and adds the store paths that it names to the closure and to the database.</summary>
    /// <param name="tree">The layer. Its database is changed.</param>
    /// <param name="mergedBase">The merged parent layers; null without a base image.</param>
    /// <param name="progress">Receives warnings.</param>
    /// <exception cref="InputException">A store path has an entry that a layer can't hold, or changed while it was read.</exception>
    /// <exception cref="MachineException">A file in the store can't be read.</exception>
    public void Complete(FileTree tree, FileTree? mergedBase, IProgress<BuildEvent> progress)
    {
        if (File is not null) return;
        var found = Scan.Search(tree);
        if (IsIncluded && Missing([found], tree, mergedBase).ToArray() is [var first, .. var others])
        {
            var more = others.Length == 0 ? "" : $", and {others.Length} more";
            progress.Report(new Warning(
                $"{first.Place}, which a script made, names the store path {PathOf(first)}, " +
                $"which is neither on this machine nor in the image{more}."));
        }

        var before = Graph.Paths.Count;
        AddRoots(Scan.PathsOf(found));
        if (Graph.Paths.Count > before) Database?.Complete(tree, Graph, progress, cancellationToken);
    }

    /// <summary>Returns the store paths of the closure that a tree names, sorted.</summary>
    public IReadOnlyList<ByteString> ReferencesOf(FileTree tree) => Graph.Paths.Count == 0 ? [] : InGraph(Scan.PathsOf(Scan.Search(tree)));

    /// <summary>The files of the closure, to be appended to a layer.</summary>
    /// <exception cref="InputException">A store path does not exist any more, or has an entry that a layer can't hold.</exception>
    /// <exception cref="MachineException">A file can't be read.</exception>
    public Closure Files() => _files ??= Closure.Of(Graph.Paths, _store, File, cancellationToken);

    /// <summary>Adds to a hash everything by which the closure changes a layer, before scripts run and afterwards.</summary>
    public void AddTo(CanonicalHash hash)
    {
        Files().AddTo(hash, cancellationToken);
        hash.Add(Database is null ? 0 : 1);
        if (Database is null) return;
        hash.Add(Graph.Paths.Count);
        foreach (var (path, references, nar) in Graph.Paths)
        {
            hash.Add(path.Span);
            hash.Add(references.Count);
            foreach (var reference in references) hash.Add(reference.Span);
            hash.Add(nar is null ? "" : $"{nar.Value.Hash} {nar.Value.Size}");
        }
    }

    private void AddRoots(IReadOnlyList<ByteString> roots)
    {
        Scan.Add(roots);
        _files = null;
    }

    private IReadOnlyList<ByteString> InGraph(IEnumerable<ByteString> paths)
    {
        var known = Graph.Paths.Select(info => info.Path).ToHashSet();
        return [.. paths.Where(known.Contains).Distinct().Order()];
    }

    // Copies are files of the layer, and not links into the store.
    private IEnumerable<string> PathsOfContents => contents.Sources.Where(source => source.Copy is null).Select(source => source.Path);

    private IEnumerable<ByteString> ContentsInStore() => PathsOfContents.Select(path => StoreLinks.Enter(path, _store)).OfType<ByteString>();

    private IEnumerable<UnknownReference> Missing(IEnumerable<FoundReferences> found, params FileTree?[] trees)
    {
        var unknown = found.SelectMany(references => references.Unknown).ToArray();
        if (unknown.Length == 0) return [];
        var store = _store.Span.TrimStart((byte)'/').ToArray();
        var present = trees.SelectMany(tree => (tree?.Find(store) as DirectoryNode)?.UnsortedEntries ?? [])
            .Select(entry => HashOf(entry.Name)).ToHashSet();
        return unknown.Where(reference => !present.Contains(HashOf(reference.Name)));
    }

    private static ByteString HashOf(ByteString name) => new(StorePaths.HashOf(name.Span));

    private ByteString PathOf(UnknownReference reference) => TreePath.Join(_store, reference.Name);

    private InputException IsMissing(UnknownReference reference)
    {
        var place = reference.Place.ToString();
        var where = reference.Place == ClosureScan.ConfigPlace ? new InputLocation(place) : new(Path: place);
        if (File is not null)
            return new($"names the store path {PathOf(reference)}, which {File} does not have", where) { Advice = "Give the whole closure." };
        return new($"names the store path {PathOf(reference)}, which is neither on this machine nor in the image", where)
        {
            Advice = "Build or fetch the store path first. " +
                "If the image does not need it, give the closure that the image needs as a file; an empty file stands for no store paths.",
        };
    }
}
