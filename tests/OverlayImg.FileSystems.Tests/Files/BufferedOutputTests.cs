using System.IO.Pipes;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Files;

/// <summary>Buffered output to a file is complete and in order, and the caller gets the writing thread's exceptions.</summary>
public sealed class BufferedOutputTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_file_gets_the_same_bytes_as_a_stream(int seed)
    {
        var random = new Random(seed);
        var source = new byte[3 << 20];
        random.NextBytes(source);
        File.WriteAllBytes(_directory["source"], source);
        using var archive = ByteSource.Open(_directory["source"]);
        using var expected = new MemoryStream();
        using (var file = FileOutputStream.Create(_directory["written"], "written"))
        using (var output = new BufferedOutput(file, 10_000))
        {
            for (var step = 0; step < 400; step++) Step(random, archive, source, output, expected);
            output.Flush();
            Assert.Equal(expected.Length, file.Length);
            Assert.Equal(expected.Length, output.Position);
        }

        Assert.Equal(expected.ToArray(), File.ReadAllBytes(_directory["written"]));
    }

    [Fact]
    public void After_a_flush_the_file_is_complete_and_can_grow()
    {
        using var file = FileOutputStream.Create(_directory["written"], "written");
        using var output = new BufferedOutput(file);
        output.Write("one "u8);
        output.Flush();
        Assert.Equal("one ", File.ReadAllText(_directory["written"]));
        output.Write("two"u8);
        output.Flush();
        Assert.Equal("one two", File.ReadAllText(_directory["written"]));
    }

    [Fact]
    public void A_full_disk_is_reported()
    {
        using var file = FileOutputStream.OpenSpecial("/dev/full");
        using var output = new BufferedOutput(file, 1000);
        var exception = Assert.Throws<MachineException>(() =>
        {
            // More than all buffers hold: the caller must not wait forever for a buffer of the failed thread.
            for (var count = 0; count < 100; count++) output.WriteZeros(1000);
            output.Flush();
        });
        Assert.Equal("/dev/full can't be written: No space left on device", exception.Message);
        Assert.StartsWith("Free space", exception.Advice?.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_pipe_is_reported()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        using var file = FileOutputStream.OpenSpecial($"/proc/self/fd/{pipe.GetClientHandleAsString()}");
        pipe.DisposeLocalCopyOfClientHandle();
        using var output = new BufferedOutput(file, 1000);
        output.WriteZeros(5000);
        pipe.Dispose();
        Assert.Throws<ClosedPipeException>(() =>
        {
            output.WriteZeros(1 << 20);
            output.Flush();
        });
    }

    [Fact]
    public void Disposing_discards_unflushed_bytes_and_does_not_block()
    {
        using var file = FileOutputStream.Create(_directory["written"], "written");
        using (var output = new BufferedOutput(file, 1000)) output.WriteZeros(2500);
        file.Write("end"u8);
        // The file has whole buffers only, as many as were written before the output was disposed of.
        Assert.Contains(File.ReadAllText(_directory["written"]), Enumerable.Range(0, 3).Select(pieces => new string('\0', pieces * 1000) + "end"));
    }

    [Fact]
    public void After_disposing_writes_and_flushes_throw()
    {
        using var file = FileOutputStream.Create(_directory["written"], "written");
        var output = new BufferedOutput(file, 1000);
        output.WriteZeros(1500);
        output.Dispose();
        Assert.Throws<ObjectDisposedException>(() => output.WriteZeros(1000));
        var unused = new BufferedOutput(file, 1000);
        unused.Dispose();
        Assert.Throws<ObjectDisposedException>(unused.Flush);
    }

    private static void Step(Random random, ByteSource archive, byte[] source, BufferedOutput output, MemoryStream expected)
    {
        var length = random.Next(3) switch { 0 => random.Next(100), 1 => random.Next(30_000), _ => random.Next(200_000) };
        var offset = random.Next(source.Length - length);
        switch (random.Next(3))
        {
            case 0:
                output.Write(source.AsSpan(offset, length));
                expected.Write(source, offset, length);
                break;
            case 1:
                output.Write(new SourceContent(archive, offset, length), CancellationToken.None);
                expected.Write(source, offset, length);
                break;
            default:
                output.WriteZeros(length);
                expected.Write(new byte[length]);
                break;
        }
    }
}
