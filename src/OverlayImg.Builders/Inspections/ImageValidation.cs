using OverlayImg.Images.Layouts;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Validation;

namespace OverlayImg.Builders.Inspections;

/// <summary>Validates image archives and layouts.</summary>
public static class ImageValidation
{
    /// <summary>Reads all of it; which rules it breaks.</summary>
    /// <exception cref="InputException">It is not there, or is neither archive nor layout.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static async Task<ValidationReport> RunAsync(ImageLocation location, Session session)
    {
        if (location is RegistryLocation)
            throw new InputException("is in a registry; archives and layouts are validated", new(location.Name)) { Advice = "Get it as a file first: 'overlayimg pull'." };
        var step = $"Validating {location.Name}";
        session.Step(step);
        if (location is LayoutLocation && !LayoutFiles.IsLayout(location.Name)) throw new InputException("is no OCI layout: it has no index.json", new(location.Name));
        return await ImageValidator.RunAsync(location.Name, session.Scratch, total => new StepMeter(step, total, session.Progress), session.CancellationToken);
    }
}
