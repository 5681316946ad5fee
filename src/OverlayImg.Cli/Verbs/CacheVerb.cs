using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OverlayImg.Caching;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg cache</c>: lists and removes what earlier runs keep for later ones.</summary>
internal static class CacheVerb
{
    public static Command Create() => new Verb("cache",
        "Lists or removes what the cache keeps for later runs: disks of parent layers, snapshots of guest VMs, layers for --reuse, blobs from " +
        "registries, and the directories of --cache-mount.")
    {
        Summary = "Lists or removes what the cache keeps for later runs.",
        Examples = """
              overlayimg cache ls
              overlayimg cache prune --cache-limit 2G
              overlayimg cache prune --all
              du -sh "$(overlayimg cache path)"
            """,
        Subcommands = { List(), Prune(), CachePath() },
    };

    private static Verb List()
    {
        var command = new Verb("ls", "Lists the entries of the cache, the last used entry first.") { Examples = "  overlayimg cache ls --json" };
        VerbRunner.Attach(command, EntriesAs("entries"), (_, session) => Task.FromResult(CacheEntries.List(session.Cache)));
        return command;
    }

    private static Verb Prune()
    {
        var all = new Option<bool>("--all") { Description = "Remove all entries that no run uses, whatever --cache-limit says." }
            .Within(OptionSection.Main);
        var command = new Verb("prune",
            "Removes the least recently used entries until the cache is no larger than --cache-limit. Entries that a run uses stay.")
        {
            Summary = "Removes the least recently used entries of the cache.",
            Examples = "  overlayimg cache prune --cache-limit 2G",
            Options = { all },
        };
        VerbRunner.Attach(command, EntriesAs("removed"), (parsed, session) => Task.Run(
            () => CacheEntries.Prune(parsed.GetValue(all) ? session.Cache with { Limit = 0 } : session.Cache), session.CancellationToken));
        return command;
    }

    private static Verb CachePath()
    {
        var command = new Verb("path", "Prints the directory of the cache.") { Examples = "  overlayimg cache path" };
        VerbRunner.Attach(
            command,
            new Rendering<string>((writer, path, _) => writer.WriteString("path", path), (path, _) => Listing.PrintAsync(path + "\n")),
            (_, session) => Task.FromResult(session.Cache.Directory));
        return command;
    }

    private static Rendering<IReadOnlyList<CacheEntry>> EntriesAs(string member) => new(
        (writer, entries, warnings) =>
        {
            writer.WriteStartArray(member);
            foreach (var entry in entries) Write(writer, entry);
            writer.WriteEndArray();
            writer.WriteNumber("size", entries.Sum(entry => entry.Size));
            writer.WriteTexts("warnings", warnings);
        },
        ShowAsync);

    private static void Write(Utf8JsonWriter writer, CacheEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", entry.Kind);
        writer.WriteString("name", entry.Name);
        writer.WriteNumber("size", entry.Size);
        writer.WriteString("lastUsed", entry.LastUsed);
        writer.WriteString("path", entry.Path);
        writer.WriteEndObject();
    }

    // The listing is the result of the verb, so it goes to stdout.
    private static Task ShowAsync(IReadOnlyList<CacheEntry> entries, Reporter reporter)
    {
        using var listing = new Listing();
        foreach (var entry in entries)
        {
            var used = entry.LastUsed.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            listing.AddLine($"{entry.Kind,-8}  {SizeText.Format(entry.Size),9}  {used}  {entry.Name}");
        }

        listing.Flush();
        reporter.Line($"{Counted.Of(entries.Count, "entry", "entries")}, {SizeText.Format(entries.Sum(entry => entry.Size))}");
        return Task.CompletedTask;
    }
}
