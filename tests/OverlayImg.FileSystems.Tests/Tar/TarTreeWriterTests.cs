using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>Written archives equal GNU tar's, byte by byte. The trees come from archives in GNU tar's most exact format, posix.</summary>
public sealed class TarTreeWriterTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public async ValueTask DisposeAsync()
    {
        // .NET can't remove names that are not UTF-8.
        await Tool.BashAsync("rm -rf d", _directory.Path);
        _directory.Dispose();
    }

    [Theory]
    [InlineData("--mtime=@1 --owner=0 --group=0")]
    [InlineData("--mtime=@1 --owner=0 --group=0 --hard-dereference")]
    [InlineData("--mtime=@-5 --owner=5000000 --group=0")]
    [InlineData("--mtime=@8589934592 --owner=0 --group=77")]
    [InlineData("--mtime=@0")]
    [InlineData("")]
    public async Task A_tree_of_all_file_types_is_written_as_by_GNU_tar(string options)
    {
        await Tool.BashAsync($"mkdir d; (cd d; {SourceTrees.Everything}\n); tar -C d --format=posix -cf source.tar .", _directory.Path);
        await AssertSameAsGnuTarAsync(options);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Random_trees_are_written_as_by_GNU_tar(int seed)
    {
        await Tool.BashAsync("""
            cat > make.py <<'END'
            import os, random, sys
            r = random.Random(int(sys.argv[1])); files = []; directories = [b'd']
            os.mkdir(b'd')
            def name():
                length = r.choice([1, 2, 3, 8, 20, 50, 95, 96, 97, 98, 99, 100, 101, 155, 200, 255])
                return bytes(r.choice([c for c in range(1, 256) if c != 47]) if r.random() < .2 else 97 + r.randrange(26) for _ in range(length))
            for _ in range(400):
                path = r.choice(directories) + b'/' + name()
                if len(path) > 3000 or os.path.lexists(path) or path.endswith((b'/.', b'/..')): continue
                kind = r.randrange(8)
                if kind == 0: os.mkdir(path); directories.append(path)
                elif kind == 1: os.symlink(b'/'.join(name() for _ in range(r.randrange(1, 5))), path)
                elif kind == 2 and files: os.link(r.choice(files), path, follow_symlinks=False)
                elif kind == 3: os.mknod(path, 0o20600, os.makedev(r.randrange(4096), r.randrange(1 << 20)))
                elif kind == 4: os.mkfifo(path)
                else:
                    with open(path, 'wb') as f: f.write(r.randbytes(r.choice([0, 1, 511, 512, 513, 4096, 70000])))
                    files.append(path)
                if kind == 1: files.append(path)
                owner = lambda: r.choice([0, 70001, 70002, 2097151, 2097152, 4000000000])
                os.chown(path, owner(), owner(), follow_symlinks=False)
                if not os.path.islink(path): os.chmod(path, r.randrange(0o10000))
                os.utime(path, ns=(0, r.choice([0, 1, -1, 10**18, 10**19 // 2, -10**18]) + r.randrange(10**9)), follow_symlinks=False)
            END
            """ + $"\npython3 make.py {seed}; tar -C d --format=posix -cf source.tar .", _directory.Path);
        foreach (var options in new[] { "--mtime=@1 --owner=0 --group=0", "--hard-dereference" }) await AssertSameAsGnuTarAsync(options);
    }

    [Fact]
    public async Task A_file_of_more_than_8_GiB_is_written_as_by_GNU_tar()
    {
        // Compares the start, the end and the length. With /dev/null as output, tar reports the length without reading the file. The archive has two
        // headers of 512 bytes (directory and file), the file, and zeros.
        await Tool.BashAsync("""
            mkdir d; truncate -s 8589934593 d/huge; printf end | dd of=d/huge bs=1 seek=8589934590 conv=notrunc status=none
            tar -S -C d --format=posix -cf source.tar .
            { tar -C d --sort=name --mtime=@1 -cf - . || true; } | head -c 4096 > head
            tar -C d --sort=name --mtime=@1 --totals -cf /dev/null . 2>&1 | sed -E 's/.*written: ([0-9]+) .*/\1/' > length
            zeros=$(($(cat length) - 1024 - 8589934593))
            { tail -c 20480 d/huge; head -c $zeros /dev/zero; } | tail -c 20480 > tail
            """, _directory.Path);
        using var source = ByteSource.Open(_directory["source.tar"]);
        using var output = new EndsStream();
        TarTreeWriter.Write(Archives.Read(source).Tree, output, new() { MTime = new(1) }, Archives.None);
        Assert.Equal(await File.ReadAllBytesAsync(_directory["head"], Archives.None), output.Head.Take(4096));
        Assert.Equal(await File.ReadAllBytesAsync(_directory["tail"], Archives.None), output.Tail.TakeLast(20480));
        Assert.Equal(long.Parse(await File.ReadAllTextAsync(_directory["length"], Archives.None), null), output.Length);
    }

    [Fact]
    public void A_socket_is_refused_with_its_path()
    {
        var tree = new FileTree();
        tree.Root.Set(new("run.sock"u8), new SpecialNode(Metadata.DefaultFile, FileType.Socket));
        var error = Assert.Throws<InputException>(() => TarTreeWriter.Write(tree, Stream.Null, new(), Archives.None));
        Assert.Equal("run.sock", error.Where.Path);
    }

    private async Task AssertSameAsGnuTarAsync(string options)
    {
        var archive = _directory["expected.tar"];
        await Tool.BashAsync($"tar -C d --sort=name {options} -cf {archive} .", _directory.Path);
        using var source = ByteSource.Open(_directory["source.tar"]);
        var written = Archives.Write(Archives.Read(source).Tree, OptionsFor(options));
        var expected = await File.ReadAllBytesAsync(archive, Archives.None);
        if (expected.AsSpan().SequenceEqual(written)) return;
        Assert.Fail($"They differ at byte {expected.AsSpan().CommonPrefixLength(written)} of {expected.Length} (ours has {written.Length}).");
    }

    private static TarWriterOptions OptionsFor(string arguments)
    {
        var options = new TarWriterOptions();
        foreach (var argument in arguments.Split(' '))
        {
            var value = argument[(argument.IndexOf('=', StringComparison.Ordinal) + 1)..].TrimStart('@');
            options = argument switch
            {
                ['-', '-', 'm', ..] => options with { MTime = new(long.Parse(value, null)) },
                ['-', '-', 'o', ..] => options with { Uid = uint.Parse(value, null) },
                ['-', '-', 'g', ..] => options with { Gid = uint.Parse(value, null) },
                ['-', '-', 'h', ..] => options with { HardLinks = TarHardLinks.Dereference },
                _ => options,
            };
        }

        return options;
    }

    /// <summary>Keeps the first write and the last mebibyte, and drops all other bytes.</summary>
    private sealed class EndsStream : MemoryStream
    {
        private long _length;

        public byte[] Head { get; private set; } = [];

        public byte[] Tail { get; private set; } = [];

        public override long Length => _length;

        public override void Write(byte[] buffer, int offset, int count)
        {
            var bytes = buffer.AsSpan(offset, count).ToArray();
            if (_length == 0) Head = bytes;
            Tail = count >= 1 << 20 ? bytes : [.. Tail[^(1 << 20)..], .. bytes];
            _length += count;
        }
    }
}
