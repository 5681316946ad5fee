using System.Diagnostics.CodeAnalysis;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Manifests;

/// <summary>Walks through nested indexes and collects their images. Each index is entered once, and the walk always ends.</summary>
/// <example>while (walk.TryNext(out var entry)) walk.Enter(Read(entry));</example>
public sealed class IndexWalk
{
    private readonly InputLocation _where;
    private readonly List<Descriptor> _images = [];
    // One document may be listed for several platforms.
    private readonly HashSet<(Digest, Platform?)> _seen = [];
    private readonly Queue<(Descriptor Index, int Depth)> _pending = new();
    private int _depth = 1;

    /// <summary>Starts a walk.</summary>
    /// <param name="entries">Descriptors of manifests and indexes at the first level.</param>
    /// <exception cref="InputException">There are too many entries.</exception>
    public IndexWalk(IEnumerable<Descriptor> entries, InputLocation where)
    {
        _where = where;
        Add(entries);
    }

    /// <summary>The images found so far, those of outer indexes first.</summary>
    public IReadOnlyList<Descriptor> Images => _images;

    /// <summary>The problem of the first unreadable entry; null if there is none.</summary>
    public InputException? Problem { get; private set; }

    /// <summary>Returns the next index to read; false at the end of the walk.</summary>
    /// <exception cref="InputException">The index is nested too deep.</exception>
    public bool TryNext([NotNullWhen(true)] out Descriptor? index)
    {
        var isThere = _pending.TryDequeue(out var next);
        (index, _depth) = (next.Index, next.Depth + 1);
        if (isThere && next.Depth > ImageIndex.MaximumDepth) throw TooDeep(_where);
        return isThere;
    }

    /// <summary>Adds the entries of the index that <see cref="TryNext"/> returned last.</summary>
    /// <exception cref="InputException">There are too many entries.</exception>
    public void Enter(ImageIndex index) => Add(index.Images.Concat(index.Indexes).Concat(index.Unreadable));

    internal static InputException TooDeep(InputLocation where) => new($"nests indexes more than {ImageIndex.MaximumDepth} levels deep", where);

    internal static InputException TooMany(InputLocation where) =>
        new($"has indexes that lead to more than {ImageIndex.MaximumEntries} documents", where);

    private void Add(IEnumerable<Descriptor> entries)
    {
        foreach (var entry in entries)
        {
            Problem ??= entry.Problem;
            if (entry.Problem is not null) continue;
            var isIndex = MediaTypes.IsIndex(entry.MediaType);
            if (!_seen.Add((entry.Digest, isIndex ? null : entry.Platform))) continue;
            // The limit is the number of entries in all indexes. The outermost index is no entry, but it is in the set.
            if (_seen.Count > ImageIndex.MaximumEntries + 1) throw TooMany(_where);
            if (isIndex) _pending.Enqueue((entry, _depth));
            else if (MediaTypes.IsManifest(entry.MediaType)) _images.Add(entry);
        }
    }
}
