using System.Diagnostics.CodeAnalysis;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Manifests;

/// <summary>
/// Finds the images in indexes that lie in each other, whoever reads them: each index once, however often others name it, and to an end, whatever they say.
/// </summary>
/// <example>while (walk.TryNext(out var entry)) walk.Enter(Read(entry));</example>
public sealed class IndexWalk
{
    private readonly InputLocation _where;
    private readonly List<Descriptor> _images = [];
    // One document may be for several platforms.
    private readonly HashSet<(Digest, Platform?)> _seen = [];
    private readonly Queue<(Descriptor Index, int Depth)> _pending = new();
    private int _depth = 1;

    /// <summary>Begins.</summary>
    /// <param name="entries">Manifests and indexes.</param>
    /// <param name="where">For messages.</param>
    /// <exception cref="InputException">These are too many.</exception>
    public IndexWalk(IEnumerable<Descriptor> entries, InputLocation where)
    {
        _where = where;
        Add(entries);
    }

    /// <summary>The images that were found so far, those of outer indexes first.</summary>
    public IReadOnlyList<Descriptor> Images => _images;

    /// <summary>Why the first entry that can't be read can't; null where all can.</summary>
    public InputException? Problem { get; private set; }

    /// <summary>The next index to be read; false at the end.</summary>
    /// <exception cref="InputException">It lies too deep.</exception>
    public bool TryNext([NotNullWhen(true)] out Descriptor? index)
    {
        var isThere = _pending.TryDequeue(out var next);
        (index, _depth) = (next.Index, next.Depth + 1);
        if (isThere && next.Depth > ImageIndex.MaximumDepth) throw TooDeep(_where);
        return isThere;
    }

    /// <summary>Adds what the index lists that <see cref="TryNext"/> gave last.</summary>
    /// <exception cref="InputException">These are too many.</exception>
    public void Enter(ImageIndex index) => Add(index.Images.Concat(index.Indexes).Concat(index.Unreadable));

    internal static InputException TooDeep(InputLocation where) => new($"has indexes more than {ImageIndex.MaximumDepth} deep in each other", where);

    internal static InputException TooMany(InputLocation where) => new($"has indexes that lead to more than {ImageIndex.MaximumEntries} documents", where);

    private void Add(IEnumerable<Descriptor> entries)
    {
        foreach (var entry in entries)
        {
            Problem ??= entry.Problem;
            if (entry.Problem is not null) continue;
            var isIndex = MediaTypes.IsIndex(entry.MediaType);
            if (!_seen.Add((entry.Digest, isIndex ? null : entry.Platform))) continue;
            // The outermost is one more.
            if (_seen.Count > ImageIndex.MaximumEntries + 1) throw TooMany(_where);
            if (isIndex) _pending.Enqueue((entry, _depth));
            else if (MediaTypes.IsManifest(entry.MediaType)) _images.Add(entry);
        }
    }
}
