using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4;
using OverlayImg.FileSystems.Tar;

// usage: overlayimg-bench tar-to-ext4 IN.tar OUT.ext4
if (args is not ["tar-to-ext4", var tar, var disk])
{
    Console.Error.WriteLine("usage: overlayimg-bench tar-to-ext4 IN.tar OUT.ext4");
    return 2;
}

using var source = ByteSource.Open(tar);
var tree = TarTree.Read(source, 0, source.Length, new(tar), default).Tree;
Ext4Writer.Write(tree, disk, new() { ReadOnly = true }, default);
return 0;
