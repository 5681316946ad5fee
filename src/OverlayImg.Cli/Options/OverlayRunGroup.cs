using System.CommandLine;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Options;

/// <summary>What the verbs that run a guest around an overlay have in common: everything but their scripts.</summary>
internal sealed class OverlayRunGroup
{
    private readonly LayerOutputGroup _output = new();
    private readonly BaseImageGroup _from = new();
    private readonly ContentsGroup _contents = new();
    private readonly Option<string?> _closure = ClosureOption.Create("with --contents, what contents, the base json and the results of scripts refer to");
    private readonly GuestGroup _guest = new();
    private readonly CheckOption _check = new();
    private readonly MaxSizeOption _maxSize = new();
    private Option<string?>[] _scripts = [];

    /// <summary>Adds the options, those of the scripts (<paramref name="own"/>) behind the base image's.</summary>
    public void AddTo(Command command, params Option[] own)
    {
        _output.AddTo(command);
        _from.AddTo(command);
        foreach (var option in own) command.Add(option);
        _scripts = [.. own.OfType<Option<string?>>()];
        _contents.AddTo(command);
        command.Add(_closure);
        _guest.AddTo(command);
        _check.AddTo(command);
        _maxSize.AddTo(command);
    }

    /// <summary>The run that the command line asks for. What is wrong with it is told before <paramref name="readScripts"/> reads any file.</summary>
    /// <exception cref="UsageException">A value makes no sense.</exception>
    public async Task<OverlayRunOptions> ReadAsync(ParseResult parsed, Func<Task<RunScripts>> readScripts)
    {
        if (_scripts.Count(script => parsed.GetValue(script) == "-") + (_from.ReadsStandardInput(parsed) ? 1 : 0) > 1)
            throw new UsageException("Stdin can be read once only: - stands there more than once.");
        var (guest, fileTime) = (_guest.Read(parsed), SourceDateEpoch.Read());
        var from = _from.Read(parsed);
        return new()
        {
            OutputDirectory = _output.OutputDirectory(parsed),
            From = from,
            Check = _check.Read(parsed, from, guest),
            Contents = _contents.Read(parsed),
            Scripts = await readScripts(),
            Guest = guest,
            BaseJson = _output.BaseJson(parsed),
            ClosureFile = parsed.GetValue(_closure),
            KeepExtendedAttributes = _output.ExtendedAttributes(parsed),
            FileTime = fileTime,
            MaximumSize = _maxSize.Read(parsed),
        };
    }
}
