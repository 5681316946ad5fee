using System.Text;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>
/// Archives on which readers differ or fail, made block by block. Some smuggle entries past one reader and not past another.
/// </summary>
public sealed class TarReaderTests
{
    [Fact]
    public void A_binary_attribute_is_read_exactly()
    {
        var tree = Archives.Read(new RawTar().Pax("SCHILY.xattr.user.b=\u00FF\u0080\0\n=", "SCHILY.xattr.user.a=1").File("f").End()).Tree;
        Assert.Equal([0xFF, 0x80, 0, (byte)'\n', (byte)'='], tree.Find("f")!.ExtendedAttributes.Find("user.b"u8)!.Span.ToArray());
        Assert.Equal(2, tree.Find("f")!.ExtendedAttributes.Count);
    }

    [Fact]
    public void An_attribute_in_libarchives_form_is_decoded()
    {
        var tree = Archives.Read(new RawTar().Pax("LIBARCHIVE.xattr.user.a%20b=/4A", "LIBARCHIVE.xattr.user.c=YWJj").File("f").End()).Tree;
        Assert.Equal([0xFF, 0x80], tree.Find("f")!.ExtendedAttributes.Find("user.a b"u8)!.Span.ToArray());
        Assert.Equal("abc"u8.ToArray(), tree.Find("f")!.ExtendedAttributes.Find("user.c"u8)!.Span.ToArray());
    }

    [Fact]
    public void A_name_that_is_not_UTF_8_keeps_its_bytes() =>
        Assert.NotNull(Archives.Read(new RawTar().File("caf\u00E9").End()).Tree.Find([(byte)'c', (byte)'a', (byte)'f', 0xE9]));

    [Theory]
    [InlineData("dir/", FileType.Directory)]
    [InlineData("file", FileType.RegularFile)]
    public void The_old_type_NUL_is_a_directory_where_the_name_ends_with_a_slash(string name, FileType type) =>
        Assert.Equal(type, Archives.Read(new RawTar().Header(name, '\0', change: block => block.AsSpan(257).Clear()).End()).Tree.Find(name)!.Type);

    [Fact]
    public void The_PAX_size_is_the_only_size()
    {
        // A reader that uses the header's size of 0 takes the content for an entry.
        var smuggled = new RawTar().File("smuggled", "evil").Bytes;
        var archive = new RawTar().Pax($"size={smuggled.Length}").Header("outer").Data(smuggled).File("after").End();
        Assert.Equal(["outer", "after"], NamesOf(archive));
        Assert.Equal(smuggled, Contents(archive, "outer"));
    }

    [Fact]
    public void PAX_records_apply_to_the_next_file_and_not_to_a_header_in_between()
    {
        // A reader that applies the size to the long name header continues in the middle of the file's content.
        var smuggled = new RawTar().Header("x").File("smuggled").Bytes;
        var archive = new RawTar().Pax($"size={smuggled.Length}", "mtime=5.5").Long('L', "long").Header("short").Data(smuggled).File("after").End();
        Assert.Equal(["long", "after"], NamesOf(archive));
        Assert.Equal(new Timestamp(5, 500_000_000), Archives.Entries(archive)[0].ModificationTime);
        Assert.Equal(new Timestamp(1), Archives.Entries(archive)[1].ModificationTime);
    }

    [Fact]
    public void The_last_value_of_a_repeated_PAX_key_counts() => Assert.Equal(["b"], NamesOf(new RawTar().Pax("path=a", "path=b").File("c").End()));

    [Fact]
    public void An_empty_PAX_value_keeps_the_headers_value() => Assert.Equal(["c"], NamesOf(new RawTar().Pax("path=").File("c").End()));

    [Fact]
    public void Global_records_change_no_entry()
    {
        var archive = new RawTar().Extended('g', "path=evil", "SCHILY.xattr.user.a=b", "size=512").File("f", "x").End();
        Assert.Equal(["f"], NamesOf(archive));
        Assert.Empty(Archives.Read(archive).Tree.Find("f")!.ExtendedAttributes);
    }

    [Fact]
    public void A_checksum_of_signed_bytes_is_accepted() =>
        Assert.Equal(["caf\u00E9"], NamesOf(new RawTar().Header("caf\u00E9", checksum: bytes => bytes.Sum(value => (sbyte)value)).End()));

    [Fact]
    public void A_wrong_checksum_is_refused_with_its_offset()
    {
        var error = Archives.Refused(new RawTar().File("a", "x").Header("b", checksum: _ => 1).End());
        Assert.Equal(1024, error.Where.Offset);
        Assert.EndsWith("a.tar", error.Where.File, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claimed_size_of_2_GiB_in_600_bytes_is_refused_without_allocating_it()
    {
        var archive = new RawTar().Header("pax", 'x', int.MaxValue).Data("30 mtime=1").Bytes;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InputException>(() => new TarReader(new MemoryStream(archive), new InputLocation("a")).Next(Archives.None));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('L')]
    [InlineData('K')]
    public void An_extended_header_of_more_than_1_MiB_is_refused(char type) =>
        Assert.Contains(
            "1048577",
            Archives.Refused(new RawTar().Header("h", type, (1 << 20) + 1).Data(new byte[(1 << 20) + 1]).File("f").End()).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_negative_size_is_refused()
    {
        Archives.Refused(new RawTar().Header("f", change: block => block.AsSpan(124, 12).Fill(0xFF)).End());
        Archives.Refused(new RawTar().Pax("size=-1").Header("f").End());
    }

    [Theory]
    [InlineData("path=a\0b")]
    [InlineData("linkpath=a\0b")]
    [InlineData("GNU.sparse.name=a\0b")]
    [InlineData("pa\0th=a")]
    public void A_NUL_in_a_PAX_name_is_refused(string record) => Archives.Refused(new RawTar().Pax(record).File("f").End());

    [Theory]
    [InlineData("9 a=b\n")]
    [InlineData("x a=b\n")]
    [InlineData("-6 a=b\n")]
    [InlineData("6 ab\n\n")]
    [InlineData("6 =ab\n")]
    [InlineData("999999999999 a=b\n")]
    [InlineData("5 a=b\n")]
    [InlineData("6a=bc\n")]
    public void A_malformed_PAX_record_is_refused(string records) =>
        Archives.Refused(new RawTar().Header("pax", 'x', records.Length).Data(records).File("f").End());

    [Theory]
    [InlineData("none", 0)]
    [InlineData("lone", 512)]
    [InlineData("two", 1024)]
    [InlineData("many", 10240)]
    public void Every_number_of_zero_blocks_ends_the_archive(string _, int zeros) =>
        Assert.Equal(["f"], NamesOf([.. new RawTar().File("f", "x").Bytes, .. new byte[zeros]]));

    [Fact]
    public void Data_after_the_end_marker_is_ignored()
    {
        Assert.Equal(["f"], NamesOf([.. new RawTar().File("f").End(), .. "junk"u8]));
        Assert.Equal(["f"], NamesOf([.. new RawTar().File("f").End(), .. new RawTar().File("smuggled").End()]));
    }

    [Fact]
    public void An_empty_file_is_an_archive_without_entries() => Assert.Empty(NamesOf([]));

    [Theory]
    [InlineData("1.123456789", 1, 123_456_789)]
    [InlineData("1.1234567891", 1, 123_456_789)]
    [InlineData("-1.25", -2, 750_000_000)]
    [InlineData("-0.5", -1, 500_000_000)]
    [InlineData("-3", -3, 0)]
    [InlineData("253402300800", 253402300800, 0)]
    public void A_time_is_read_to_the_nanosecond(string text, long seconds, int nanoseconds) =>
        Assert.Equal(new Timestamp(seconds, nanoseconds), Archives.Entries(new RawTar().Pax($"mtime={text}").File("f").End())[0].ModificationTime);

    [Theory]
    [InlineData('1')]
    [InlineData('2')]
    [InlineData('3')]
    [InlineData('5')]
    [InlineData('6')]
    public void Links_directories_and_devices_have_no_content_whatever_size_they_claim(char type) =>
        Assert.Equal(["a", "b"], NamesOf(new RawTar().Header("a", type, 512, "target").File("b").End()));

    [Fact]
    public void A_ustar_prefix_is_applied_also_in_gos_wrong_GNU_headers()
    {
        void Prefix(byte[] block) => RawTar.Latin1("usr/lib").CopyTo(block, 345);
        Assert.Equal(["usr/lib/f"], NamesOf(new RawTar().Header("f", change: Prefix).End()));
        Assert.Equal(["usr/lib/f"], NamesOf(new RawTar().Header("f", change: block =>
        {
            Prefix(block);
            RawTar.Latin1("ustar  \0").CopyTo(block, 257);
        }).End()));
    }

    [Fact]
    public void Numbers_in_base_256_are_read_and_too_large_ones_refused()
    {
        static byte[] With(int offset, params byte[] field) => new RawTar().Header("f", change: block => field.CopyTo(block, offset)).End();
        Assert.Equal(0xFFFF_FFFE, Archives.Entries(With(108, 0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFE))[0].Uid);
        Assert.Equal(new Timestamp(-2), Archives.Entries(With(136, [.. Enumerable.Repeat((byte)0xFF, 11), 0xFE]))[0].ModificationTime);
        Archives.Refused(With(124, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    }

    [Theory]
    [InlineData(100, "mode")]
    [InlineData(108, "uid")]
    [InlineData(124, "size")]
    [InlineData(329, "devmajor")]
    public void A_field_that_is_not_a_number_is_refused_with_its_name(int offset, string field) =>
        Assert.Contains(
            field,
            Archives.Refused(new RawTar().Header("f", change: block => RawTar.Latin1("12x4567\0").CopyTo(block, offset)).End()).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(100)]
    [InlineData(512 + 100)]
    [InlineData(512 + 512 + 100)]
    public void A_truncated_archive_is_refused_from_seekable_and_other_streams(int length)
    {
        var archive = new RawTar().File("f", new string('x', 1000)).End()[..length];
        Archives.Refused(archive);
        var reader = new TarReader(new ForwardOnlyStream(archive), new InputLocation("a"));
        Assert.Throws<InputException>(() =>
        {
            while (reader.Next(Archives.None) is not null)
            {
                // Reads all entries until the error.
            }
        });
    }

    [Fact]
    public void A_stream_that_can_not_seek_gives_the_same_entries_and_content()
    {
        var random = new Random(1);
        var archive = new RawTar();
        foreach (var size in new[] { 0, 1, 511, 512, 513, 300_000, 5, 600_000 })
        {
            var content = new byte[size];
            random.NextBytes(content);
            archive.Header($"f{size}", '0', size).Data(content);
        }

        var bytes = archive.End();
        var reader = new TarReader(new ForwardOnlyStream(bytes), new InputLocation("a"));
        foreach (var expected in Archives.Entries(bytes))
        {
            var entry = reader.Next(Archives.None)!;
            Assert.Equal((expected.RawName, expected.Size, expected.DataOffset), (entry.RawName, entry.Size, entry.DataOffset));
            // The content of every other entry is skipped.
            if (entry.Size % 2 == 0) continue;
            Assert.Equal(bytes.AsSpan((int)entry.DataOffset, (int)entry.Size).ToArray(), ReadAll(reader));
        }

        Assert.Null(reader.Next(Archives.None));
        Assert.Null(reader.Next(Archives.None));
    }

    [Fact]
    public void Errors_have_file_layer_path_and_offset()
    {
        using var directory = new OverlayImg.Testing.TemporaryDirectory();
        var archive = new RawTar().File("first").Header("dir/\u001Bevil", 'x').Header("dir/f", '2', link: "").End();
        File.WriteAllBytes(directory["a.tar"], [.. new byte[512], .. archive]);
        using var source = ByteSource.Open(directory["a.tar"]);
        var inLayer = Assert.Throws<InputException>(() => TarTree.Read(source, 512, archive.Length, new("base.tar", "x/layer.tar"), Archives.None));
        Assert.Equal(new InputLocation("base.tar", "x/layer.tar", "dir/f", 1024), inLayer.Where);
        var inFile = Assert.Throws<InputException>(() => TarTree.Read(source, 512, archive.Length, new("base.tar"), Archives.None));
        Assert.Equal(512 + 1024, inFile.Where.Offset);
    }

    private static List<string> NamesOf(byte[] archive) =>
        [.. Archives.Entries(archive).Select(entry => Encoding.Latin1.GetString(entry.RawName.Span))];

    private static byte[] Contents(byte[] archive, string name)
    {
        var reader = new TarReader(new MemoryStream(archive), new InputLocation("a"));
        while (reader.Next(Archives.None) is { } entry)
        {
            if (entry.RawName == ByteString.FromText(name)) return ReadAll(reader);
        }

        throw new InvalidOperationException($"{name} is not there.");
    }

    private static byte[] ReadAll(TarReader reader)
    {
        var content = new List<byte>();
        var buffer = new byte[1000];
        while (reader.Read(buffer) is > 0 and var count) content.AddRange(buffer.AsSpan(0, count));
        return [.. content];
    }

    /// <summary>A stream like a pipe: it can't seek and returns few bytes at a time.</summary>
    private sealed class ForwardOnlyStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 777));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 777)]);
    }
}
