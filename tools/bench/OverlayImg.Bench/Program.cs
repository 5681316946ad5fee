using System.Diagnostics;
using System.Globalization;
using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.FileSystems.Tar;

switch (args)
{
    case ["tar-to-ext4", var tar, var disk]:
        using (var source = ByteSource.Open(tar))
        {
            var tree = TarTree.Read(source, 0, source.Length, new(tar), default).Tree;
            Ext4Writer.Write(tree, disk, new() { ReadOnly = true }, default);
        }

        return 0;
    case ["closure-scan", var store, .. var roots]:
        var watch = Stopwatch.StartNew();
        var scan = ClosureScan.OfStore(ByteString.FromText(store), default);
        scan.Add(roots.Select(ByteString.FromText));
        var graph = scan.Graph;
        foreach (var info in graph.Paths) Console.WriteLine($"{info.Path} {string.Join(' ', info.References)}");
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds:0.000} s"));
        return 0;
    default:
        Console.Error.WriteLine("usage: overlayimg-bench tar-to-ext4 IN.tar OUT.ext4 | closure-scan STORE ROOT...");
        return 2;
}
