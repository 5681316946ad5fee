using System.Text.Json.Nodes;
using OverlayImg.Caching;
using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Layers.LayerClosures;

/// <summary>
/// The store paths that belong to a new layer or image: those of the user's closure file; without a file those that contents, config and the results of
/// scripts refer to, found as Nix finds references after a build (spec dockertools, 1.11, step 2, and B19).
/// </summary>
/// <param name="contents">The files of the layer, and where the store is.</param>
/// <param name="cancellationToken">Ends the scans.</param>
internal sealed class LayerClosure(LayerContents contents, CancellationToken cancellationToken)
{
    private readonly ByteString _store = StorePaths.Directory(ByteString.FromText(contents.StoreDirectory));
    private readonly FoundReferences _inConfig = new();
    private readonly FoundReferences _inContents = new();
    private ClosureScan? _scan;
    private ClosureListing? _listing;
    private Closure? _files;
    private bool _isSearched;

    /// <summary>A file that names the store paths, in any form that Nix writes closures in; null to find them.</summary>
    public string? File { get; init; }

    /// <summary>The container config whose words count; null for none.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>The Nix database that the layer gets; null for none.</summary>
    public LayerDatabase? Database { get; init; }

    /// <summary>Whether references among the paths are needed, and not the paths alone.</summary>
    public bool NeedsReferences { get; init; }

    /// <summary>Whether contents are searched; otherwise the config alone is.</summary>
    public bool SearchesContents { get; init; } = true;

    /// <summary>Whether the image holds the store paths; otherwise a store is mounted when a container runs.</summary>
    public bool IsIncluded { get; init; } = true;

    /// <summary>The closure.</summary>
    public ClosureGraph Graph => _listing is { } listing ? ClosureGraph.Of(_store, listing.Paths) : Scan.Graph;

    /// <summary>What the config refers to by itself, sorted.</summary>
    public IReadOnlyList<ByteString> ConfigReferences => Scan.PathsOf(_inConfig);

    /// <summary>The closure's paths that contents lie in, sorted.</summary>
    public IReadOnlyList<ByteString> ContentsPaths => InGraph(ContentsInStore().Select(path => StorePaths.Containing(path, _store)).OfType<ByteString>());

    private ClosureScan Scan => _scan ?? throw new InvalidOperationException("The closure is not opened.");

    /// <summary>Reads the closure file, or the names in the store: what can be refused is refused before scripts run.</summary>
    /// <exception cref="InputException">The file can't be read, is not closed, or names what is no store path or not there.</exception>
    /// <exception cref="MachineException">Something in the store may not be read.</exception>
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

    /// <summary>Refuses contents in the store that the closure file does not have: links to them would lead nowhere.</summary>
    /// <exception cref="InputException">There are such contents.</exception>
    public void RequireContents()
    {
        if (File is null) return;
        var known = Graph.Paths.Select(info => info.Path).ToHashSet();
        foreach (var path in contents.Paths)
        {
            if (StoreLinks.Enter(path, _store) is not { } place) continue;
            if (StorePaths.Containing(place, _store) is not { } storePath || known.Contains(storePath)) continue;
            throw new InputException($"lies in the store path {storePath}, which the closure does not have", new(path))
            {
                Advice = "Give the closure of all contents, or no closure: then it is found by scanning.",
            };
        }
    }

    /// <summary>Searches config and contents, once.</summary>
    /// <param name="tree">The contents, merged; null for none.</param>
    /// <exception cref="InputException">A file changed while it was read.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
    public void Search(FileTree? tree)
    {
        if (_isSearched) return;
        _isSearched = true;
        if (Config is not null) _inConfig.Add(Scan.Search(Config));
        if (File is not null) return;
        if (tree is not null && SearchesContents) _inContents.Add(Scan.Search(tree));
        AddRoots([.. Scan.PathsOf(_inConfig), .. Scan.PathsOf(_inContents), .. Database is null ? [] : ContentsInStore()]);
    }

    /// <summary>
    /// A program in one of the closure's paths; where the closure was found and has none, a program of this machine that lies in the store, which then
    /// belongs to the closure.
    /// </summary>
    /// <param name="names">Names of the program, the most wanted first.</param>
    /// <returns>The program's absolute path; null where there is none.</returns>
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

    /// <summary>The layer as scripts find it: with the database, where one is wanted.</summary>
    /// <param name="tree">The layer, its contents where they landed.</param>
    /// <param name="mergedBase">The parent layers merged; null for none.</param>
    /// <param name="progress">Is told warnings.</param>
    /// <exception cref="InputException">Contents or config name a store path that is nowhere, or there is nothing for the database to know.</exception>
    /// <exception cref="MachineException">Something in the store may not be read.</exception>
    public FileTree Prepare(FileTree tree, FileTree? mergedBase, IProgress<BuildEvent> progress)
    {
        if (IsIncluded && Missing([_inConfig, _inContents], tree, mergedBase).FirstOrDefault() is { } missing) throw IsMissing(missing);
        return Database is null ? tree : Database.AddTo(tree, mergedBase, Graph, progress, cancellationToken);
    }

    /// <summary>Searches what scripts left: adds the store paths that it refers to, and completes the database with them.</summary>
    /// <param name="tree">The layer; its database is changed.</param>
    /// <param name="mergedBase">The parent layers merged; null for none.</param>
    /// <param name="progress">Is told warnings.</param>
    /// <exception cref="InputException">Something in the store can't be in a layer, or changed while it was read.</exception>
    /// <exception cref="MachineException">Something in the store may not be read.</exception>
    public void Complete(FileTree tree, FileTree? mergedBase, IProgress<BuildEvent> progress)
    {
        if (File is not null) return;
        var found = Scan.Search(tree);
        if (IsIncluded && Missing([found], tree, mergedBase).ToArray() is [var first, .. var others])
        {
            var more = others.Length == 0 ? "" : $", and {others.Length} more";
            progress.Report(new Warning(
                $"{first.Place}, which a script made, names the store path {PathOf(first)}, which is neither on this machine nor in the image{more}."));
        }

        var before = Graph.Paths.Count;
        AddRoots(Scan.PathsOf(found));
        if (Graph.Paths.Count > before) Database?.Complete(tree, Graph, progress, cancellationToken);
    }

    /// <summary>What a tree refers to of the closure's paths, sorted.</summary>
    public IReadOnlyList<ByteString> ReferencesOf(FileTree tree) => Graph.Paths.Count == 0 ? [] : InGraph(Scan.PathsOf(Scan.Search(tree)));

    /// <summary>The closure's files, to be packed behind a layer.</summary>
    /// <exception cref="InputException">A path is not there any more, or holds what can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
    public Closure Files() => _files ??= Closure.Of(Graph.Paths, _store, File, cancellationToken);

    /// <summary>Adds to a hash all that the closure does to a layer before scripts run and behind it.</summary>
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

    private IEnumerable<ByteString> ContentsInStore() => contents.Paths.Select(path => StoreLinks.Enter(path, _store)).OfType<ByteString>();

    private IEnumerable<UnknownReference> Missing(IEnumerable<FoundReferences> found, params FileTree?[] trees)
    {
        var unknown = found.SelectMany(references => references.Unknown).ToArray();
        if (unknown.Length == 0) return [];
        var store = _store.Span.TrimStart((byte)'/').ToArray();
        var present = trees.SelectMany(tree => (tree?.Find(store) as DirectoryNode)?.UnsortedEntries ?? []).Select(entry => HashOf(entry.Name)).ToHashSet();
        return unknown.Where(reference => !present.Contains(HashOf(reference.Name)));
    }

    private static ByteString HashOf(ByteString name) => new(StorePaths.HashOf(name.Span));

    private ByteString PathOf(UnknownReference reference) => TreePath.Join(_store, reference.Name);

    private InputException IsMissing(UnknownReference reference)
    {
        var place = reference.Place.ToString();
        var where = reference.Place == ClosureScan.ConfigPlace ? new InputLocation(place) : new(Path: place);
        if (File is not null) return new($"names the store path {PathOf(reference)}, which {File} does not have", where) { Advice = "Give the whole closure." };
        return new($"names the store path {PathOf(reference)}, which is neither on this machine nor in the image", where)
        {
            Advice = "Build or fetch it first. If the image does not need it, give the closure that the image needs as a file; an empty file names nothing.",
        };
    }
}
