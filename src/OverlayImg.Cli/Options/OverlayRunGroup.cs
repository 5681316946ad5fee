using System.CommandLine;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Options;

/// <summary>The options of <c>root-layer</c> and <c>run</c>, except those for their scripts.</summary>
internal sealed class OverlayRunGroup
{
    private readonly LayerOutputGroup _output = new();
    private readonly BaseImageGroup _from = new();
    private readonly ContentsGroup _contents = new();
    private readonly Option<string?> _closure = ClosureOption.Create(
        "with --contents, the store paths that contents, --base-json and script results refer to, found by scanning; else none");
    private readonly GuestGroup _guest = new();
    private readonly CheckOption _check = new();
    private readonly MaxSizeOption _maxSize = new();
    private readonly StepOptions? _steps;
    private Option<string?>[] _scripts = [];

    /// <param name="steps">The verb's options for scripts and commands in the image; null for a verb without.</param>
    public OverlayRunGroup(StepOptions? steps = null) => _steps = steps;

    /// <summary>Adds the options, with those for the scripts (<paramref name="own"/>), which have sections, after those for the base image.</summary>
    public void AddTo(Command command, params Option[] own)
    {
        _output.AddTo(command);
        _from.AddTo(command);
        command.Add(OptionSection.Main, _steps?.All ?? []);
        foreach (var option in own) command.Add(option);
        _scripts = [.. own.OfType<Option<string?>>()];
        _contents.AddTo(command);
        command.Add(OptionSection.Nix, _closure);
        _guest.AddTo(command);
        _check.AddTo(command);
        _maxSize.AddTo(command);
    }

    /// <summary>Whether each option that can read stdin does so.</summary>
    public IEnumerable<bool> ReadsStandardInput(ParseResult parsed) =>
    [
        .. _scripts.Append(_closure).Select(reader => parsed.GetValue(reader) == InputFile.StandardInput), _from.ReadsStandardInput(parsed),
        _contents.ReadsStandardInput(parsed), .. _steps?.ReadsStandardInput(parsed) ?? [], .. _guest.ReadsStandardInput(parsed),
    ];

    /// <summary>The options of the run. Wrong usage is reported before <paramref name="readScripts"/> reads any file.</summary>
    /// <exception cref="UsageException">An option has a wrong value, or contradicts another one.</exception>
    /// <exception cref="InputException">A script or a secret can't be read.</exception>
    public async Task<OverlayRunOptions> ReadAsync(ParseResult parsed, Func<Task<RunScripts>> readScripts, CancellationToken cancellationToken)
    {
        Values.RequireOneReaderOfStdin(ReadsStandardInput(parsed));
        var (guest, fileTime) = (_guest.Read(parsed), SourceDateEpoch.Read());
        var from = _from.Read(parsed);
        var contents = _contents.Read(parsed);
        return new()
        {
            OutputDirectory = _output.OutputDirectory(parsed),
            From = from,
            Check = _check.Read(parsed, from, contents, guest),
            Contents = contents,
            Scripts = await readScripts(),
            Guest = await _guest.WithSecretsAsync(guest, parsed, cancellationToken),
            BaseJson = _output.BaseJson(parsed),
            ClosureFile = parsed.GetValue(_closure),
            KeepExtendedAttributes = _output.ExtendedAttributes(parsed),
            FileTime = fileTime,
            MaximumSize = _maxSize.Read(parsed),
        };
    }
}
