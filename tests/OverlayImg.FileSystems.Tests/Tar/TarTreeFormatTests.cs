using System.Security.Cryptography;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>Archives of GNU tar in all formats are read as the source directory, and other programs read the writer's archives.</summary>
public sealed class TarTreeFormatTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public async ValueTask DisposeAsync()
    {
        // .NET can't remove names that are not UTF-8.
        await Tool.BashAsync("rm -rf d out", _directory.Path);
        _directory.Dispose();
    }

    [Theory]
    [InlineData("gnu")]
    [InlineData("oldgnu")]
    [InlineData("posix", "ns")]
    public async Task All_file_types_are_read_from_the_formats_that_support_them(string format, params string[] flags)
    {
        await Tool.BashAsync($"mkdir d; (cd d; {SourceTrees.Everything}\n); tar -C d --format={format} -cf a.tar .", _directory.Path);
        await AssertReadAsync("a.tar", flags);
    }

    [Theory]
    [InlineData("v7")]
    [InlineData("ustar")]
    public async Task Plain_files_are_read_from_the_old_formats(string format)
    {
        var devices = format == "ustar" ? "mknod n c 1 3; mknod b b 8 1; mkfifo p" : ":";
        await Tool.BashAsync($$"""
            mkdir d; cd d; echo hello > f; ln f g; ln -s f l; mkdir -p deep/a; echo 1 > deep/a/b; chown 1234:5678 f; chmod 4711 deep/a/b; {{devices}}
            long=$(printf '%050d' 0); mkdir -p $long; echo x > $long/$(printf '%046d' 0); touch -d @1234567890 f
            if [ {{format}} = ustar ]; then mkdir -p $long/$long/$long; echo y > $long/$long/$long/$(printf '%097d' 0); fi
            cd ..; tar -C d --format={{format}} -cf a.tar .
            """, _directory.Path);
        await AssertReadAsync("a.tar");
    }

    [Theory]
    [InlineData("--format=oldgnu")]
    [InlineData("--format=gnu")]
    [InlineData("--format=posix --sparse-version=0.0", "ns")]
    [InlineData("--format=posix --sparse-version=0.1", "ns")]
    [InlineData("--format=posix --sparse-version=1.0", "ns")]
    public async Task Sparse_files_are_read_in_all_forms(string options, params string[] flags)
    {
        await Tool.BashAsync($$"""
            mkdir d; cd d; truncate -s 5M hole; echo dense > dense; : > empty; long=$(printf '%0150d' 0)
            for file in few many odd $long; do truncate -s 3000001 $file; done
            put() { head -c $3 /dev/urandom | dd of=$1 bs=4096 seek=$2 conv=notrunc status=none; }
            put few 0 4096; put few 100 8192; put $long 3 4096; put odd 5 4096; printf end | dd of=odd bs=1 seek=2999998 conv=notrunc status=none
            python3 -c 'import os; file = os.open("many", os.O_WRONLY); [os.pwrite(file, os.urandom(4096), i * 4096) for i in range(0, 730, 2)]'
            cd ..; tar -C d {{options}} -S -cf a.tar .
            """, _directory.Path);
        await AssertReadAsync("a.tar", flags);
        using var source = ByteSource.Open(_directory["a.tar"]);
        var tree = Archives.Read(source).Tree;
        Assert.Empty(((RegularFileNode)tree.Find("hole")!).Content.DataExtents);
        Assert.True(((RegularFileNode)tree.Find("many")!).Content.DataExtents.Count() > 300);
    }

    [Fact]
    public async Task Extended_attributes_of_an_archive_equal_those_of_the_host()
    {
        await Tool.BashAsync($"mkdir d; (cd d; {SourceTrees.Attributes}\n); tar -C d --xattrs --xattrs-include='*' -cf a.tar .", _directory.Path);
        await AssertReadAsync("a.tar", "ns", "xattr");
    }

    [Fact]
    public async Task GNU_tar_unpacks_written_extended_attributes()
    {
        await WriteAttributesAsync();
        await Tool.BashAsync("mkdir out; tar -C out --xattrs --xattrs-include='*' -xpf ours.tar; cmp ours.tar again.tar", _directory.Path);
        Assert.Equal(await Listings.OfDirectoryAsync(_directory["d"], "xattr"), await Listings.OfDirectoryAsync(_directory["out"], "xattr"));
    }

    [Fact]
    public async Task Python_reads_written_extended_attributes()
    {
        await WriteAttributesAsync();
        var text = await Tool.OutputAsync("python3", "-c", """
            import sys, tarfile
            for m in tarfile.open(sys.argv[1], encoding='latin-1'):
                for key, value in sorted(m.pax_headers.items()):
                    if key.startswith('SCHILY'): print(m.name, key, value.encode('utf-8', 'surrogateescape').hex(), m.uid, m.linkname)
            """, _directory["ours.tar"]);
        Assert.Contains("./f SCHILY.xattr.user.binary 00ff0a3d8081 0", text, StringComparison.Ordinal);
        Assert.Contains($"./{new string('0', 250)} SCHILY.xattr.user.long 76 3000000", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_trees_give_equal_archives_with_extended_attributes()
    {
        await WriteAttributesAsync();
        // GNU tar puts a process ID into the names of PAX headers. The writer must not.
        Assert.Equal(
            SHA256.HashData(await File.ReadAllBytesAsync(_directory["ours.tar"], Archives.None)),
            SHA256.HashData(await File.ReadAllBytesAsync(_directory["again.tar"], Archives.None)));
    }

    private async Task WriteAttributesAsync()
    {
        await Tool.BashAsync($"mkdir d; (cd d; {SourceTrees.Attributes}\n); tar -C d --xattrs --xattrs-include='*' --format=posix -cf a.tar .",
            _directory.Path);
        using var source = ByteSource.Open(_directory["a.tar"]);
        foreach (var name in new[] { "ours.tar", "again.tar" })
        {
            await using var output = File.Create(_directory[name]);
            TarTreeWriter.Write(Archives.Read(source).Tree, output, new(), Archives.None);
        }
    }

    private async Task AssertReadAsync(string archive, params string[] flags)
    {
        using var source = ByteSource.Open(_directory[archive]);
        var result = Archives.Read(source);
        Assert.Equal(await Listings.OfDirectoryAsync(_directory["d"], flags), Listings.Of(result.Tree));
        Assert.Empty(result.UnresolvedLinks);
        Assert.Empty(result.Warnings);
    }
}
