using OverlayImg.Caching;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Caching;

/// <summary>Facts that are remembered about a file are forgotten when the file may have changed.</summary>
public sealed class FileMemoryTests : IDisposable
{
    // Each command changes the file "file". The file "other" beside it was written at the same time.
    private static readonly string[] Changes =
    [
        "printf x | dd of=file bs=1 conv=notrunc status=none",
        "printf x | dd of=file bs=1 conv=notrunc status=none; touch -r other file",
        "cp -p other file",
        "mv other file",
        "ln -sf other file",
        "rm file; mkfifo file",
        "rm file",
    ];

    private readonly TemporaryDirectory _directory = new();
    private readonly StoppedClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Facts_are_known_as_long_as_the_file_is_unchanged()
    {
        var places = Changes.Index().Select(change => _directory[$"{change.Index}"]).ToArray();
        foreach (var place in places)
        {
            Directory.CreateDirectory(place);
            await Tool.BashAsync("echo one > file; echo two > other; ln -s file link", place);
            // A file that was written just now can change again in the same clock tick, so nothing is remembered about it.
            Remember(place);
            Assert.Null(Memory(place).Recall());
        }

        _clock.Now += TimeSpan.FromHours(1);
        foreach (var (place, change) in places.Zip(Changes))
        {
            Remember(place);
            Assert.Equal("fact\nof two lines", Memory(place).Recall());
            Assert.Equal("fact\nof two lines", Memory(place, "link").Recall());
            Assert.Null(Memory(place, "other").Recall());
            Assert.Null(FileMemory.Of(Cache, ["another question"], _clock, Path.Combine(place, "file")).Recall());

            var before = Memory(place);
            await Tool.BashAsync(change, place);
            Assert.Null(Memory(place).Recall());
            // A fact that was found out while the file changed is not remembered either.
            before.Remember("late");
            Assert.DoesNotContain("late", before.Recall(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_altered_memory_file_is_ignored()
    {
        // A file that was not written recently.
        const string File = "/bin/sh";
        FileMemory Ask() => FileMemory.Of(Cache, ["question"], File);
        Ask().Remember("fact");
        Assert.Equal("fact", Ask().Recall());
        await Tool.BashAsync("sed -i s/fact/fast/ cache/known/*", _directory.Path);
        Assert.Null(Ask().Recall());
        Assert.Null(FileMemory.Of(Cache, ["question"], File, _directory["missing"]).Recall());

        Ask().Remember("fact");
        CacheEntries.Prune(Cache with { Limit = 1000 });
        Assert.Equal("fact", Ask().Recall());
        CacheEntries.Prune(Cache with { Limit = 0 });
        Assert.Null(Ask().Recall());
    }

    private void Remember(string place) => Memory(place).Remember("fact\nof two lines");

    private Cache Cache => new(_directory["cache"]);

    private FileMemory Memory(string place, string name = "file") => FileMemory.Of(Cache, ["question", "two"], _clock, Path.Combine(place, name));
}
