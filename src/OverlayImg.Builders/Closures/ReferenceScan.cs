using System.Buffers;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Builders;

/// <summary>
/// Finds what store paths refer to, as Nix does after a build: by their hashes, wherever these stand in files, in targets of symbolic links and in
/// names. Files are read on all cores, large ones in pieces.
/// </summary>
/// <param name="hashes">What can be referred to.</param>
/// <param name="cancellationToken">Looked at for each buffer.</param>
internal sealed class ReferenceScan(StoreHashes hashes, CancellationToken cancellationToken)
{
    private const int BufferLength = 256 << 10;
    private const long PieceLength = 16 << 20;

    // A hash that begins at the end of one piece, or of one buffer, is whole in the next.
    private const int Overlap = StorePaths.HashLength - 1;

    private static readonly HostTreeOptions Reading = new() { Uid = 0, Gid = 0, Xattrs = false };

    private readonly record struct Piece(int Path, FileContent Content, long Start, long End);

    /// <summary>The references of each of <paramref name="paths"/>, sorted, itself among them where it names itself.</summary>
    /// <exception cref="InputException">A path is not there, or changed while it was read.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
    public IReadOnlyList<StorePathInfo> Scan(IReadOnlyList<ByteString> paths)
    {
        HashSet<int>[] found = [.. paths.Select(_ => new HashSet<int>())];
        var pieces = new List<Piece>();
        for (var index = 0; index < paths.Count; index++)
        {
            var node = HostTree.ReadNode(paths[index], Reading, cancellationToken) ?? throw IsMissing(paths[index]);
            SearchNames(node, found[index]);
            pieces.AddRange(PiecesOf(node, index));
        }

        SearchContent(pieces, found);
        return [.. paths.Select((path, index) => new StorePathInfo(path, [.. found[index].Select(at => hashes.Paths[at]).Order()]))];
    }

    /// <summary>What a tree refers to, by index: a layer, which is no store path.</summary>
    /// <exception cref="InputException">Something changed while it was read.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
    public HashSet<int> ScanTree(FileTree tree)
    {
        var found = new HashSet<int>();
        SearchNames(tree.Root, found);
        SearchContent([.. PiecesOf(tree.Root, 0)], [found]);
        return found;
    }

    /// <summary>The error for a store path that is not there.</summary>
    public static InputException IsMissing(ByteString path, string? file = null) =>
        new($"{(file is null ? "the" : "names the")} store path {path}{(file is null ? " is" : ", which is")} not there", new(file))
        {
            Advice = "Build or fetch it first.",
        };

    private void SearchNames(FileNode node, HashSet<int> found)
    {
        // The path's own name does not count: nothing in it needs it under that name.
        var entries = node is DirectoryNode directory ? new FileTree(directory).Walk() : [new(ByteString.Empty, node)];
        foreach (var (path, entry) in entries)
        {
            hashes.Search(TreePath.Name(path).Span, found);
            if (entry is SymbolicLinkNode link) hashes.Search(link.Target.Span, found);
        }
    }

    private static IEnumerable<Piece> PiecesOf(FileNode node, int index)
    {
        var nodes = node is DirectoryNode directory ? new FileTree(directory).Walk().Select(entry => entry.Node) : [node];
        // A node with several names is read once.
        foreach (var file in nodes.OfType<RegularFileNode>().Distinct())
        {
            foreach (var extent in file.Content.DataExtents)
            {
                for (var start = extent.Offset; start < extent.Offset + extent.Length; start += PieceLength)
                {
                    var end = Math.Min(start + PieceLength, extent.Offset + extent.Length);
                    yield return new(index, file.Content, Math.Max(start - Overlap, 0), end);
                }
            }
        }
    }

    private void SearchContent(List<Piece> pieces, HashSet<int>[] found)
    {
        ParallelWork.Run(pieces, piece =>
        {
            var here = new HashSet<int>();
            Search(piece, here);
            lock (found[piece.Path]) found[piece.Path].UnionWith(here);
        }, cancellationToken);
    }

    private void Search(Piece piece, HashSet<int> found)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        for (var start = piece.Start; start < piece.End; start += BufferLength - Overlap)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = buffer.AsSpan(0, (int)Math.Min(BufferLength, piece.End - start));
            piece.Content.Read(start, bytes);
            hashes.Search(bytes, found);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
